"""Image containers around layers: OCI layouts and docker-save archives, every part of which can be replaced."""
import hashlib
import json
import platform

from rawtar import Tar, tiny_program

ARCH = {'x86_64': 'amd64', 'aarch64': 'arm64'}.get(platform.machine(), platform.machine())
OCI = 'application/vnd.oci.image.'


def sha(data):
    return hashlib.sha256(data).hexdigest()


def as_json(value):
    return value if isinstance(value, bytes) else json.dumps(value, separators=(',', ':')).encode()


def base_layer():
    """The lowest layer of all: one program, /true."""
    return Tar().dir('etc').file('true', tiny_program(platform.machine()), mode=0o755).bytes()


def config(diffs, **more):
    return {'architecture': ARCH, 'os': 'linux', 'config': {'Cmd': ['/true']},
            'rootfs': {'type': 'layers', 'diff_ids': ['sha256:' + sha(d) for d in diffs]}, **more}


def descriptor(data, media, **more):
    return {'mediaType': media, 'digest': 'sha256:' + sha(data), 'size': len(data), **more}


def blobs_of(*parts):
    return {'blobs/sha256/' + sha(p): p for p in parts}


def oci_members(diffs, *, packed=None, layer_media=OCI + 'layer.v1.tar', conf=None, manifest=None, index=None, entry=None):
    """Members of an OCI layout.  diffs: the tars; packed: the same as they are stored; the others replace or extend a document."""
    packed = packed or diffs
    conf = as_json(conf if conf is not None else config(diffs))
    text = {'schemaVersion': 2, 'mediaType': OCI + 'manifest.v1+json', 'config': descriptor(conf, OCI + 'config.v1+json'),
            'layers': [descriptor(p, layer_media) for p in packed]}
    text = as_json(manifest if isinstance(manifest, bytes) else {**text, **(manifest or {})})
    entries = [descriptor(text, OCI + 'manifest.v1+json', **(entry or {}))]
    index = as_json(index if index is not None else {'schemaVersion': 2, 'manifests': entries})
    return {'oci-layout': b'{"imageLayoutVersion":"1.0.0"}', 'index.json': index, **blobs_of(conf, text, *packed)}


def docker_members(diffs, *, conf=None, manifest=None, entry=None):
    """Members of an archive as `docker save` wrote them for ten years.  manifest replaces the list, entry extends its one item."""
    conf = as_json(conf if conf is not None else config(diffs))
    names = [sha(d) + '/layer.tar' for d in diffs]
    item = {'Config': sha(conf) + '.json', 'RepoTags': None, 'Layers': names, **(entry or {})}
    return {'manifest.json': as_json(manifest if manifest is not None else [item]),
            item['Config'] if isinstance(item['Config'], str) else 'config': conf, **dict(zip(names, diffs))}


def archive(members, order=None):
    """A tar of the members, in this order of names or as they come."""
    tar = Tar()
    for name in order or members:
        tar.file(name, members[name])
    return tar.bytes()


def oci(*diffs, **more):
    return archive(oci_members([base_layer(), *diffs], **more))
