#!/usr/bin/env python3
"""make_seeds: the seeds that are no text: tars and compressed bytes, made anew for each run.

Usage: make_seeds.py OUT     writes OUT/unpack, OUT/import, OUT/container and OUT/decompress
Called by run.sh.  Touches OUT only.  The seeds that are text lie beside this in seeds/.
"""

import bz2
import gzip
import io
import lzma
import os
import shutil
import subprocess
import sys
import tarfile

MARK = b"%%% next layer\n"


def entry(name, kind=tarfile.REGTYPE, data=b"", link="", **fields):
    info = tarfile.TarInfo(name)
    info.type = kind
    info.size = len(data)
    info.linkname = link
    info.mtime = 1700000000
    for key, value in fields.items():
        setattr(info, key, value)
    return info, data


def directory(name, mode=0o755, **fields):
    return entry(name, tarfile.DIRTYPE, mode=mode, **fields)


def symlink(name, target):
    return entry(name, tarfile.SYMTYPE, link=target)


def hardlink(name, target):
    return entry(name, tarfile.LNKTYPE, link=target)


def tar(*entries, dialect=tarfile.PAX_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=dialect) as archive:
        for info, data in entries:
            archive.addfile(info, io.BytesIO(data))
    # Two blocks of zeros end a tar; what fills the record behind them is left out.
    return out.getvalue().rstrip(b"\0") + bytes(-len(out.getvalue().rstrip(b"\0")) % 512 + 1024)


def headers(*entries, dialect=tarfile.PAX_FORMAT):
    """The same without an end: short, and more may follow."""
    return tar(*entries, dialect=dialect)[:-1024]


def sparse_pax(version):
    data = b"x" * 512
    pax = {"GNU.sparse.realsize": "4096", "GNU.sparse.name": "sparse"}
    if version == "1.0":
        pax.update({"GNU.sparse.major": "1", "GNU.sparse.minor": "0"})
        data = b"2\n1024\n512\n4096\n0\n".ljust(512, b"\0") + data
    else:
        pax.update({"GNU.sparse.size": "4096", "GNU.sparse.numblocks": "1", "GNU.sparse.map": "1024,512"})
    return headers(entry("GNUSparseFile.0/sparse", data=data, pax_headers=pax))


def sparse_gnu():
    """Old GNU: the map is in the header."""
    raw = bytearray(headers(entry("sparse", data=b"x" * 512), dialect=tarfile.GNU_FORMAT))
    raw[156:157] = b"S"
    raw[386:398] = b"00000002000\0"
    raw[398:410] = b"00000001000\0"
    raw[483:495] = b"00000010000\0"
    raw[148:156] = b" " * 8
    raw[148:155] = b"%06o\0" % sum(raw[:512])
    return bytes(raw)


def v7():
    raw = bytearray(headers(entry("old", data=b"old")))
    raw[257:512] = bytes(255)
    raw[156] = 0
    raw[148:156] = b" " * 8
    raw[148:155] = b"%06o\0" % sum(raw[:512])
    return bytes(raw)


def layers(*parts):
    return MARK.join(parts)


def pax(**records):
    return {key.replace("__", "."): value for key, value in records.items()}


def unpack_seeds():
    base = headers(directory("a"), entry("a/b", data=b"text"), symlink("c", "a"), directory("d", 0o1777))
    yield "plain", base
    yield "ended", tar(entry("./a", data=b"text"), directory("./"))
    yield "links", headers(entry("a", data=b"1"), hardlink("b", "a"), hardlink("c", "later"), entry("later"),
                           hardlink("d", "d"), symlink("e", "/a"))
    yield "link_lower", layers(base, headers(hardlink("x", "a/b"), hardlink("y", "x"), entry("a/b", data=b"2")))
    yield "whiteout", layers(base, headers(entry("a/.wh.b"), entry("a/new"), entry(".wh.c"), entry("c", data=b"3")))
    yield "opaque", layers(base, headers(entry("a/kept"), entry("a/.wh..wh..opq")))
    yield "replace", layers(base, headers(entry("a", data=b"file"), directory("c"), entry("c/in")), base)
    yield "through", layers(headers(directory("usr/lib"), symlink("lib", "usr/lib")), headers(entry("lib/x", data=b"4")),
                            headers(directory("lib")), headers(entry(".wh.lib"), entry("usr/.wh.lib")))
    yield "escape", headers(symlink("up", "../../../canary"), entry("up/file", data=b"5"), hardlink("h", "up/file"),
                            symlink("host", "/proc/self/cwd/canary"), entry("host/new"), entry("../../out"))
    yield "over_links", headers(*(symlink(name, "../../../canary/" + to) for name, to in
                                  (("f", "file"), ("n", "new"), ("d", "dir"), ("h", "file"), ("w", "secret"))),
                                entry("f", data=b"5"), entry("n", data=b"5"), directory("d", 0o777), entry("d/in"),
                                hardlink("g", "h"), hardlink("w", "f"))
    yield "over_lower", layers(headers(symlink("f", "../../../canary/file"), symlink("d", "../../../canary/dir")),
                               headers(entry("f", data=b"5"), entry("d/file", data=b"5"), entry("d/.wh.file"),
                                       hardlink("g", "f"), entry(".wh.x")))
    yield "modes", headers(directory("z", 0), entry("z/in", mode=0), directory("ro", 0o555), entry("ro/f", mode=0o4755),
                           directory("g", 0o2755))
    yield "kinds", headers(entry("fifo", tarfile.FIFOTYPE), entry("null", tarfile.CHRTYPE, devmajor=1, devminor=3),
                           entry("disk", tarfile.BLKTYPE, devmajor=8), entry("cont", tarfile.CONTTYPE))
    yield "owners", headers(entry("u", uid=1000, gid=1000), directory("v", uid=5), entry("big", uid=3000000000))
    yield "owners2", layers(headers(entry("n", tarfile.CHRTYPE), entry("u", uid=7)), headers(entry("n"), entry("w")))
    yield "pax", headers(entry("p" * 120, data=b"6", pax_headers=pax(mtime="1.5", SCHILY__xattr__user__x="value")),
                         symlink("q", "t" * 120), entry("\N{SNOWMAN}", uid=1 << 21))
    yield "pax_acl", headers(directory("acl", pax_headers=pax(SCHILY__acl__access="user::rwx,group::r-x,other::r-x,mask::rwx,"
                                                             "user:5:rwx", SCHILY__acl__default="user::rwx")))
    yield "xattrs", headers(directory("d", pax_headers={"SCHILY.xattr.user.overlay.opaque": "y",
                                                        "LIBARCHIVE.xattr.user.k": "AQ=="}))
    yield "gnu", headers(entry("g" * 120), symlink("s", "l" * 120), entry("t", mtime=-1, uid=1 << 30),
                         dialect=tarfile.GNU_FORMAT)
    yield "sparse_gnu", sparse_gnu()
    yield "sparse_0", sparse_pax("0.1")
    yield "sparse_1", sparse_pax("1.0")
    yield "v7", v7()
    yield "estargz", headers(entry("stargz.index.json", data=b"{}"), entry(".prefetch.landmark", data=b"\x0f"), entry("a"))
    yield "aufs", headers(directory(".wh..wh.plnk"), entry(".wh..wh.plnk/1.2", data=b"7"), hardlink("a", ".wh..wh.plnk/1.2"))
    yield "gzip", layers(gzip.compress(base), xz(headers(entry("x"))), base)
    yield "large", gzip.compress(headers(entry("a", data=bytes(1 << 20)), entry("b", data=b"ab" * (1 << 19))))
    yield "deep", headers(entry("/".join("a" * 60)), entry("/".join(["b" * 9] * 9)))
    yield "very_deep", headers(directory("/".join("a" * 150)), symlink("s", "/".join("a" * 150)), entry("s/" + "/".join("b" * 90)))
    yield "link_tree", layers(headers(directory("usr/lib"), symlink("lib", "usr/lib")),
                              headers(entry("usr/lib/x"), hardlink("y", "lib/x"), hardlink("lib/z", "y")))
    yield "link_chain", headers(*(hardlink(f"h{i}", f"h{i + 1}") for i in range(5)), entry("h5", data=b"8"))
    yield "empty", layers(b"", bytes(1024), base)


def image_tar(*members):
    return tar(*(entry(name, data=data) for name, data in members))


def container_seeds():
    config = b'{"os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:' + b"0" * 64 + b'"]}}'
    manifest = b'[{"Config":"c.json","RepoTags":["a:1"],"Layers":["l/layer.tar"]}]'
    yield "docker", image_tar(("manifest.json", manifest), ("c.json", config), ("l/layer.tar", b"layer"))
    yield "oci", image_tar(("oci-layout", b"{}"), ("index.json", b'{"manifests":[]}'))
    yield "links", tar(entry("a", data=b"text"), hardlink("b", "a"), symlink("d/c", "../b"), symlink("e", "e"), entry("a"))
    yield "rootfs", tar(entry("bin/sh", mode=0o755, data=b"#!"), directory("etc"))
    for name, raw in unpack_seeds():
        if name.startswith("sparse") or name in ("gnu", "v7", "pax"):
            yield name, raw


def xz(data, *filters, **options):
    """With a small window: the fuzzer need not wait for memory."""
    return lzma.compress(data, filters=[*filters, {"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 4096}], **options)


def decompress_seeds():
    data = b"the same bytes, whatever they are packed in\n" * 40
    packed = {"gzip": gzip.compress(data), "bzip2": bz2.compress(data), "xz": xz(data)}
    packed["xz_crc32"] = xz(data, check=lzma.CHECK_CRC32)
    packed["xz_x86"] = xz(data, {"id": lzma.FILTER_X86})
    packed["xz_delta"] = xz(data, {"id": lzma.FILTER_DELTA})
    packed["stored"] = gzip.compress(data[:64], compresslevel=0)
    if shutil.which("zstd"):
        for name, options in (("zstd", ["-19"]), ("zstd_fast", ["--no-check", "-1"])):
            packed[name] = subprocess.run(["zstd", "-qc", *options], input=data, stdout=subprocess.PIPE, check=True).stdout
        packed["zstd_skip"] = b"\x50\x2a\x4d\x18\4\0\0\0skip" + packed["zstd"]
    for name, raw in list(packed.items()):
        yield name, b"\7" + raw
        yield name + "_twice", b"\1" + raw + raw
        yield name + "_zeros", b"\3" + raw + bytes(10)
    yield "plain", b"\0" + data[:100]
    yield "short", b"\0\x1f\x8b"


def main(out):
    for target, seeds in (("unpack", unpack_seeds), ("import", unpack_seeds), ("container", container_seeds), ("decompress", decompress_seeds)):
        os.makedirs(os.path.join(out, target), exist_ok=True)
        for name, raw in seeds():
            with open(os.path.join(out, target, name), "wb") as f:
                f.write(raw)


main(sys.argv[1])
