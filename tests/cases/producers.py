"""Images as the tools that write them lay them out.  Used by make.py."""
import gzip
import json

from layouts import ARCH, OCI, archive, as_json, blobs_of, config, descriptor, oci_members, sha
from rawtar import Tar

OTHERS = [('linux', 'arm', 'v5'), ('linux', 'arm', 'v7'), ('linux', 'riscv64', None), ('linux', 'ppc64le', None), ('linux', 's390x', None),
          ('windows', 'amd64', None)]


def packed(data):
    return gzip.compress(data, 1, mtime=0)


def producers(base):
    """Each says the tool's name by a file of its upper layer."""
    def layers(name):
        diffs = [base.tar, Tar().file('by', name + '\n').bytes()]
        return diffs, as_json(config(diffs, created='2023-01-02T03:04:05Z', config={'Cmd': ['cat', '/by'], 'Env': None},
                                     history=[{'created_by': 'one'}, {'created_by': 'empty', 'empty_layer': True}, {'created_by': 'two'}]))

    def image(name, data):
        return 'by-' + name, data, {'stdout': name + '\n'}

    # kaniko, ko and crane: the config first, under its digest, then gzip layers, and the manifest at the end.
    diffs, conf = layers('kaniko')
    blobs = {sha(p) + '.tar.gz': p for p in map(packed, diffs)}
    names = [{'Config': 'sha256:' + sha(conf), 'RepoTags': ['kaniko:latest'], 'Layers': list(blobs)}]
    yield image('kaniko', archive({'sha256:' + sha(conf): conf, **blobs, 'manifest.json': as_json(names)}))
    # jib: keys in lower case.
    diffs, conf = layers('jib')
    blobs = {sha(d) + '.tar.gz': packed(d) for d in diffs}
    names = [{'config': 'config.json', 'repoTags': ['host.example/jib:1'], 'layers': list(blobs)}]
    yield image('jib', archive({**blobs, 'config.json': conf, 'manifest.json': as_json(names)}))
    # skopeo's docker-archive: layers by their digest, and symlinks to them where Docker had them; no name.
    diffs, conf = layers('skopeo')
    tar, parent = Tar(), None
    for i, diff in enumerate(diffs):
        tar.file(sha(diff) + '.tar', diff)
        number = f'{i}{sha(diff)[1:]}'
        tar.sym(f'{number}/layer.tar', f'../{sha(diff)}.tar').file(f'{number}/VERSION', '1.0')
        tar.file(f'{number}/json', as_json({'id': number, **({'parent': parent} if parent else {}), 'os': 'linux'}))
        parent = number
    tar.file(sha(conf) + '.json', conf).file('repositories', b'{}')
    tar.file('manifest.json', as_json([{'Config': sha(conf) + '.json', 'RepoTags': [], 'Layers': [sha(d) + '.tar' for d in diffs]}]))
    yield image('skopeo', tar.bytes())
    # podman's oci-archive: a full name as the reference, no media type of the index, no platform.
    diffs, conf = layers('podman')
    note = {'annotations': {'org.opencontainers.image.ref.name': 'host.example:5000/team/podman:latest'}}
    yield image('podman', archive(oci_members(diffs, conf=conf, entry=note)))
    # buildah and umoci: a directory.
    diffs, conf = layers('buildah')
    note = {'annotations': {'org.opencontainers.image.ref.name': 'latest'}}
    members = oci_members(diffs, packed=[packed(d) for d in diffs], layer_media=OCI + 'layer.v1.tar+gzip', conf=conf, entry=note)
    yield image('buildah', members)
    # Docker with containerd's store, and ctr: an index below the index; of its platforms only this one's blobs are there, and the
    # attestation's; beside it a manifest.json.
    diffs, conf = layers('containerd')
    members = oci_members(diffs, packed=[packed(d) for d in diffs], layer_media=OCI + 'layer.v1.tar+gzip', conf=conf, entry={'platform': {'os': 'linux', 'architecture': ARCH}})
    mine = json.loads(members['index.json'])['manifests'][0]
    proof = as_json({'schemaVersion': 2, 'config': descriptor(b'{}', OCI + 'config.v1+json'), 'layers': [descriptor(b'{"_type":""}', 'application/vnd.in-toto+json')]})
    note = {'annotations': {'vnd.docker.reference.digest': mine['digest'], 'vnd.docker.reference.type': 'attestation-manifest'},
            'platform': {'os': 'unknown', 'architecture': 'unknown'}}
    absent = [descriptor(b'%d' % i, OCI + 'manifest.v1+json', platform={'os': system, 'architecture': arch, **({'variant': variant} if variant else {})})
              for i, (system, arch, variant) in enumerate(OTHERS)]
    inner = as_json({'schemaVersion': 2, 'mediaType': OCI + 'index.v1+json', 'manifests': [*absent, mine, descriptor(proof, OCI + 'manifest.v1+json', **note)]})
    top = descriptor(inner, OCI + 'index.v1+json', annotations={'io.containerd.image.name': 'docker.io/library/containerd:1', 'org.opencontainers.image.ref.name': '1'})
    members.update({**blobs_of(inner, proof, b'{}', b'{"_type":""}'), 'index.json': as_json({'schemaVersion': 2, 'manifests': [top]})})
    beside = [{'Config': 'blobs/sha256/' + sha(conf), 'RepoTags': ['containerd:1'], 'Layers': ['blobs/sha256/' + sha(packed(d)) for d in diffs]}]
    yield image('containerd', archive({**members, 'manifest.json': as_json(beside)}))
    yield 'by-ctr', archive(members), {'stdout': 'containerd\n'}
    # A directory that lacks a layer.
    diffs, conf = layers('nobody')
    members = oci_members(diffs, conf=conf)
    del members['blobs/sha256/' + sha(diffs[1])]
    yield 'layout-without-a-layer', members, {'refused': sha(diffs[1])}
