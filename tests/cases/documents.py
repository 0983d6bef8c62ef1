"""Images whose documents are odd: beside artifacts, with text that is no text, with other digests, in folders.  Used by make.py."""
import gzip
import hashlib
import json
import re

from layouts import OCI, archive, as_json, base_layer, blobs_of, config, descriptor, docker_members, oci_members
from rawtar import Tar

EMPTY = 'application/vnd.oci.empty.v1+json'
CONFIG = OCI + 'config.v1+json'
COSIGN = 'application/vnd.dev.cosign.simplesigning.v1+json'


def artifact(config_type, layer_type, note=None, **manifest):
    """Blobs of something that is no image, and its entry in the index."""
    conf, layer = b'{}', b'of ' + layer_type.encode()
    text = as_json({'schemaVersion': 2, 'mediaType': OCI + 'manifest.v1+json', 'config': descriptor(conf, config_type),
                    'layers': [descriptor(layer, layer_type)], **manifest})
    return blobs_of(conf, layer, text), descriptor(text, OCI + 'manifest.v1+json', **(note or {}))


def ref(name):
    return {'annotations': {'org.opencontainers.image.ref.name': name}}


def companions(base):
    image = oci_members([base.tar], conf=config([base.tar], config={'Cmd': ['echo', 'the image']}), entry=ref('1'))
    entry = json.loads(image['index.json'])['manifests'][0]
    bare = {k: v for k, v in entry.items() if k != 'annotations'}
    tag = 'sha256-' + entry['digest'][7:]

    def beside(*parts, mine=entry, **index):
        blobs, entries = {}, []
        for more, one in parts:
            blobs.update(more)
            entries.append(one)
        return archive({**image, **blobs, 'index.json': as_json({'schemaVersion': 2, 'manifests': [*entries[:1], *([mine] if mine else []), *entries[1:]], **index})})

    right = {'stdout': 'the image\n', 'compare': False}
    kind = {'annotations': {'kind': 'dev.cosignproject.cosign/sigs'}}
    signature = artifact(CONFIG, COSIGN, kind)
    attached = artifact(EMPTY, 'application/spdx+json', {'artifactType': 'application/spdx+json'}, artifactType='application/spdx+json', subject=bare)
    yield 'image-and-sbom-by-oras', beside(attached), right
    yield 'image-and-artifact-of-no-stated-type', beside(artifact(EMPTY, 'text/plain', subject=bare)), right
    yield 'image-and-signature-by-cosign', beside(signature, mine=bare), right
    yield 'image-and-referrers-by-tag', beside(artifact(CONFIG, COSIGN, ref(tag + '.sig')), artifact(CONFIG, 'application/vnd.dsse.envelope.v1+json', ref(tag + '.att')),
                                               artifact(CONFIG, 'text/spdx+json', ref(tag + '.sbom'))), right
    index = as_json({'schemaVersion': 2, 'mediaType': OCI + 'index.v1+json', 'manifests': [attached[1]]})
    yield 'image-and-index-of-referrers', beside(attached, (blobs_of(index), descriptor(index, OCI + 'index.v1+json', **ref(tag)))), right
    yield 'image-chart-and-module', beside(artifact('application/vnd.cncf.helm.config.v1+json', 'application/vnd.cncf.helm.chart.content.v1.tar+gzip', ref('chart')),
                                           artifact('application/vnd.wasm.config.v0+json', 'application/wasm', ref('module')),
                                           artifact(CONFIG, OCI + 'layer.v1.tar', ref('push'), artifactType='application/vnd.unknown.artifact.v1')), right
    old = as_json({'mediaType': 'application/vnd.oci.artifact.manifest.v1+json', 'artifactType': 'text/plain', 'blobs': []})
    yield 'image-and-blobs-in-the-index', beside((blobs_of(b'SBOM'), descriptor(b'SBOM', 'text/spdx')), (blobs_of(b'{}'), descriptor(b'{}', 'application/vnd.in-toto+json')),
                                                 (blobs_of(old), descriptor(old, 'application/vnd.oci.artifact.manifest.v1+json'))), right
    yield 'only-an-artifact', beside(attached, mine=None), {'refused': 'artifact of type application/spdx'}
    yield 'only-an-artifact-and-its-signature', beside(attached, signature, mine=None), {'refused': 'artifact of type application/spdx'}
    yield 'only-an-artifact-of-no-stated-type', beside(artifact(EMPTY, 'text/plain'), signature, mine=None), {'refused': 'artifact of type ' + re.escape(EMPTY)}
    others = [oci_members([base.tar], conf=config([base.tar], architecture=arch), entry=ref('1')) for arch in ('s390x', 'mips64le')]
    yield 'other-machines-not-in-the-index', beside(*[(one, json.loads(one['index.json'])['manifests'][0]) for one in others]), right


def texts(base):
    """Text as Go's decoder reads it, and names of fields in any case."""
    good = as_json(config([base.tar], config={'Cmd': ['echo', 'up']}))
    right = {'stdout': 'up\n', 'compare': False}

    def conf(name, text, want=None, **entry):
        return name, archive(docker_members([base.tar], conf=text, **entry)), want or right

    def more(text):
        return good[:-1] + b',' + text + b'}'

    yield conf('author-in-latin-1', more(b'"author":"caf\xe9"'))
    yield conf('history-with-a-nul', more(b'"history":[{"created_by":"RUN printf \\u0000"}]'))
    yield conf('comment-of-half-a-surrogate', more(b'"comment":"\\ud800","created":"\\udfff\\u0041"'))
    yield conf('labels-that-are-no-text', good.replace(b'"Cmd"', b'"Labels":{"a\xff":"\xc3","b\\u0000":"\\u0000"},"Cmd"'))
    yield conf('environment-that-is-no-text', good.replace(b'"Cmd":["echo","up"]', b'"Env":["A=caf\xe9","B=x\\u0000y","C=\\ud83d\\ude00"],"Cmd":["sh","-c","echo $A$B$C"]'),
               {'stdout': 'caf\ufffdx\ufffdy\U0001f600\n', 'compare': False})
    yield conf('user-with-a-nul', good.replace(b'"Cmd"', b'"User":"root\\u0000x","Cmd"'), {'refused': 'root.*x'})
    names = as_json([{'Config': 'c.json', 'RepoTags': ['?'], 'Layers': ['l.tar']}]).replace(b'?', b'ca\xffe:1')
    yield 'name-that-is-no-text', archive({'c.json': good, 'l.tar': base.tar, 'manifest.json': names}), right
    lower = {'os': 'linux', 'Architecture': json.loads(good)['architecture'], 'RootFS': {'Type': 'layers', 'Diff_IDs': json.loads(good)['rootfs']['diff_ids']},
             'CONFIG': {'cmd': ['sh', '-c', 'echo $A; pwd; id -u'], 'env': ['A=of env'], 'WORKINGDIR': '/usr', 'user': '7'}}
    yield 'config-in-other-cases', archive(docker_members([base.tar], conf=lower)), {'stdout': 'of env\n/usr\n7\n', 'compare': False}
    yield conf('config-twice-in-two-cases', good.replace(b'"Cmd":["echo","up"]', b'"Cmd":["echo","first"],"cmd":["echo","up"],"CMD":null'))
    members = oci_members([base.tar], conf=good)
    members['index.json'] = members['index.json'].replace(b'"manifests"', b'"Manifests"').replace(b'"digest"', b'"Digest"').replace(b'"mediaType"', b'"mediatype"')
    yield 'index-in-other-cases', archive(members), right


WRONG = {'null': None, 'number': 1, 'part': -1.5, 'true': True, 'text': 'x', 'list': [], 'list-of-all': ['x', None, 1], 'object': {}, 'object-of-all': {'a': 1, 'b': None}}


def put(doc, path, value):
    """A copy of the document with the value at the path."""
    if not path:
        return value
    copy = dict(doc) if isinstance(doc, dict) else list(doc)
    copy[path[0]] = put(copy[path[0]] if len(path) > 1 else None, path[1:], value)
    return copy


def types(_):
    """Every field of every document with values of other types: what a run does not need is no reason, what it needs is named."""
    layer = base_layer()
    conf = config([layer])
    conf['config'] = {**conf['config'], 'Env': ['A=1']}
    manifest = {'schemaVersion': 2, 'config': descriptor(as_json(conf), CONFIG), 'layers': [descriptor(layer, OCI + 'layer.v1.tar')]}
    entry = {'platform': {'os': 'linux', 'architecture': conf['architecture']}, 'annotations': {}}
    index = {'schemaVersion': 2, 'manifests': [descriptor(as_json(manifest), OCI + 'manifest.v1+json', **entry)]}
    saved = [{'Config': 'c.json', 'RepoTags': [], 'Layers': ['l.tar']}]
    of_descriptor = [['urls'], ['data'], ['artifactType'], ['platform'], ['annotations']]
    unused = {
        'config': (conf, [[k] for k in ('created', 'author', 'os.version', 'os.features', 'history', 'comment', 'container', 'container_config', 'docker_version', 'id',
                                        'parent', 'Size', 'moby.buildkit.buildinfo.v1')] +
                   [['config', k] for k in ('Labels', 'Volumes', 'ExposedPorts', 'Healthcheck', 'ArgsEscaped', 'OnBuild', 'Shell', 'Memory', 'MemorySwap', 'CpuShares',
                                            'Hostname', 'Domainname', 'AttachStdin', 'Tty', 'OpenStdin', 'StdinOnce', 'Image', 'MacAddress', 'NetworkDisabled',
                                            'StopTimeout')] + [['rootfs', 'type']]),
        'manifest': (manifest, [['schemaVersion'], ['mediaType'], ['subject'], ['annotations'], *[['config', *p] for p in of_descriptor],
                                *[['layers', 0, *p] for p in of_descriptor]]),
        'index': (index, [['schemaVersion'], ['mediaType'], ['artifactType'], ['subject'], ['annotations'], ['manifests', 0, 'urls'], ['manifests', 0, 'data'],
                          *[['manifests', 0, 'platform', k] for k in ('os.version', 'os.features', 'features')], ['manifests', 0, 'annotations', 'org.example']]),
        'saved': (saved, [[0, 'Parent'], [0, 'LayerSources']]),
    }
    text, number = ('number', 'true', 'list', 'object'), ('part', 'true', 'text', 'list', 'object')
    strings, an_object, a_list = ('number', 'true', 'list-of-all', 'object'), ('number', 'true', 'text', 'list'), ('number', 'true', 'text', 'object')
    of_descriptor = [(('mediaType',), text), (('digest',), text), (('size',), number)]
    of_entry = [*of_descriptor, (('artifactType',), text), (('platform',), an_object), (('annotations',), an_object), (('platform', 'os'), text),
                (('platform', 'architecture'), text), (('platform', 'variant'), text), (('annotations', 'io.containerd.image.name'), text),
                (('annotations', 'org.opencontainers.image.ref.name'), text), (('annotations', 'vnd.docker.reference.type'), text)]
    used = {
        'config': [(('os',), text), (('architecture',), text), (('variant',), text), (('config',), an_object), (('rootfs',), an_object), (('rootfs', 'diff_ids'), a_list),
                   (('config', 'Entrypoint'), strings), (('config', 'Cmd'), strings), (('config', 'Env'), (*strings, 'text')), (('config', 'User'), text),
                   (('config', 'WorkingDir'), text), (('config', 'StopSignal'), text)],
        'manifest': [(('config',), an_object), (('layers',), a_list), *[(('config', *p), v) for p, v in of_descriptor], *[(('layers', 0, *p), v) for p, v in of_descriptor]],
        'index': [(('manifests',), a_list), *[(('manifests', 0, *p), v) for p, v in of_entry]],
        'saved': [((0, 'Config'), text), ((0, 'RepoTags'), (*strings, 'text')), ((0, 'Layers'), (*strings, 'text'))],
    }

    def image(kind, doc):
        if kind == 'saved':
            return archive({'c.json': as_json(conf), 'l.tar': layer, 'manifest.json': as_json(doc)})
        if kind == 'config':
            return archive(oci_members([layer], conf=doc, entry=entry))
        return archive(oci_members([layer], conf=conf, **{'manifest': as_json(manifest), 'entry': entry, kind: as_json(doc)}))

    right = {'stdout': '', 'compare': False}
    for kind, (doc, paths) in unused.items():
        for label, value in WRONG.items():
            odd = doc
            for path in paths:
                if (path, label) != (['rootfs', 'type'], 'text'):
                    odd = put(odd, path, value)
            yield f'type-of-no-use-{kind}-{label}', image(kind, odd), right
    for kind, fields in used.items():
        for path, labels in fields:
            for label in labels:
                name = '-'.join(map(str, path))
                yield f'type-of-use-{kind}-{name}-{label}', image(kind, put(unused[kind][0], path, WRONG[label])), {'refused': re.escape(f'"{path[-1]}" is not ')}
    for label, path, value in (('rootfs-type-null', ('rootfs', 'type'), None), ('os-in-capitals', ('os',), 'Linux'),
                               ('architecture-in-capitals', ('architecture',), conf['architecture'].upper()), ('env-with-null', ('config', 'Env'), [None, 'B=1']),
                               ('command-with-null', ('config', 'Cmd'), ['/true', None])):
        yield 'type-' + label, image('config', put(conf, path, value)), right
    yield 'type-platform-in-capitals', image('index', put(index, ('manifests', 0, 'platform'), {'os': 'Linux', 'architecture': conf['architecture'].upper()})), right
    yield 'type-rootfs-of-another-kind', image('config', put(conf, ('rootfs', 'type'), 'x')), {'refused': 'rootfs of type "x"'}


def sums(base):
    """Digests of SHA-512, which a layout may have (image-spec, descriptor.md)."""
    def sha512(data):
        return hashlib.sha512(data).hexdigest()

    def layout(diffs, packed, name=sha512):
        blobs = {}

        def put(data, kind):
            blobs['blobs/sha512/' + name(data)] = data
            return {'mediaType': OCI + kind, 'digest': 'sha512:' + name(data), 'size': len(data)}
        conf = as_json({**config(diffs, config={'Cmd': ['cat', '/sum']}), 'rootfs': {'type': 'layers', 'diff_ids': ['sha512:' + sha512(d) for d in diffs]}})
        manifest = as_json({'schemaVersion': 2, 'config': put(conf, 'config.v1+json'), 'layers': [put(p, 'layer.v1.tar+gzip') for p in packed]})
        index = as_json({'schemaVersion': 2, 'manifests': [put(manifest, 'manifest.v1+json')]})
        return {'oci-layout': b'{"imageLayoutVersion":"1.0.0"}', 'index.json': index, **blobs}

    diffs = [base.tar, Tar().file('sum', 'sha512\n').bytes()]
    packed = [gzip.compress(d, 1, mtime=0) for d in diffs]
    right = {'stdout': 'sha512\n', 'compare': False}
    yield 'sha512', archive(layout(diffs, packed)), right
    yield 'sha512-folder', layout(diffs, packed), right
    members = layout(diffs, packed)
    at = 'blobs/sha512/' + sha512(packed[1])
    yield 'sha512-of-another-blob', archive({**members, at: gzip.compress(diffs[1], 1, mtime=1)}), {'refused': 'digest mismatch: want sha512:[0-9a-f]{128}, have sha512:'}
    yield 'sha512-of-another-tar', archive(layout([base.tar, Tar().file('sum', 'changed').bytes()], packed)), {'refused': 'digest mismatch: want sha512'}
    yield 'sha512-too-short', archive(layout(diffs, packed, lambda data: sha512(data)[:64])), {'refused': 'not a sha256 or sha512 digest'}
    mixed = {**config(diffs, config={'Cmd': ['cat', '/sum']}), 'rootfs': {'type': 'layers', 'diff_ids': ['sha512:' + sha512(d) for d in diffs]}}
    yield 'sha512-of-the-tars-only', archive(oci_members(diffs, packed=packed, layer_media=OCI + 'layer.v1.tar+gzip', conf=mixed)), right
    names = [{'Config': 'blobs/sha512/' + sha512(as_json(mixed)), 'RepoTags': None, 'Layers': ['blobs/sha512/' + sha512(d) for d in diffs]}]
    blobs = {'blobs/sha512/' + sha512(d): d for d in (as_json(mixed), *diffs)}
    yield 'sha512-in-manifest-json', archive({**blobs, 'manifest.json': as_json(names)}), right
    blobs['blobs/sha512/' + sha512(as_json(mixed))] = as_json(mixed) + b' '
    yield 'sha512-in-manifest-json-of-another-config', archive({**blobs, 'manifest.json': as_json(names)}), {'refused': 'digest mismatch: want sha512'}


def wrapped(base):
    """Archives of a folder with the image in it, and what else is well-formed and rare."""
    conf = config([base.tar], config={'Cmd': ['echo', 'up']})
    right = {'stdout': 'up\n', 'compare': False}

    def below(folder, members):
        return archive({folder + name: data for name, data in members.items()})

    layout, saved = oci_members([base.tar], conf=conf), docker_members([base.tar], conf=conf)
    yield 'layout-in-a-folder', below('two/', layout), right
    yield 'layout-in-folders.gz', gzip.compress(below('./build/out/two/', layout), 1, mtime=0), right
    yield 'saved-in-a-folder', below('/saved/', saved), right
    links = Tar()
    for name, data in layout.items():
        links.file('x/y/store' + name.replace('/', '-'), data).sym('x/y/' + name, '../' * name.count('/') + 'store' + name.replace('/', '-'))
    yield 'layout-of-links-in-a-folder', links.bytes(), right
    yield 'two-layouts-in-folders', below('one/', layout) [:-1024] + below('two/', layout), {'refused': 'not an image'}
    yield 'beside-a-layout-in-a-folder', archive({**{'two/' + k: v for k, v in layout.items()}, 'note': b'x'}), {'refused': 'not an image'}
    nothing = {'rootfs': {'type': 'layers', 'diff_ids': None}, 'os': 'linux', 'config': {'Cmd': ['/none']}}
    yield 'layers-null', archive(docker_members([], conf=nothing, entry={'Layers': None})), {'refused': 'run /none: there is no such file'}
    yield 'layers-null-in-a-layout', archive(oci_members([], conf=nothing, manifest={'layers': None})), {'refused': 'run /none: there is no such file'}
    yield 'layers-null-but-not-in-the-config', archive(docker_members([base.tar], conf=conf, entry={'Layers': None})), {'refused': 'diff_ids'}
    tar = Tar().file('a', 'of the header\n', records={'size': '', 'mtime': ''}).file('b', 'behind\n', records={'uid': '', 'path': ''})
    yield 'pax-records-without-values.gz', gzip.compress(base.with_more(tar), 1, mtime=0), {'args': ['cat', '/a', '/b'], 'stdout': 'of the header\nbehind\n', 'compare': False}
