"""Tar bytes, written field by field so that any of them can lie.  Imported by the makers of this folder."""
import struct

BLOCK = 512


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode('utf-8', 'surrogateescape')


def octal(value, width):
    """A number field: octal with a NUL behind; base-256 where it does not fit; bytes are taken as they are."""
    if isinstance(value, bytes):
        return value.ljust(width, b'\0')[:width]
    if 0 <= value < 8 ** (width - 1):
        return b'%0*o\0' % (width - 1, value)
    number = (value & (1 << 8 * width) - 1).to_bytes(width, 'big')
    return bytes([number[0] | 0x80]) + number[1:]


def pad(data):
    return data + bytes(-len(data) % BLOCK)


def header(name, kind=b'0', *, size=0, mode=0o644, uid=0, gid=0, mtime=1, link=b'', major=0, minor=0,
           magic=b'ustar\x0000', prefix=b'', tail=None, checksum=None):
    h = bytearray(BLOCK)

    def put(at, data):
        h[at:at + len(data)] = data

    put(0, as_bytes(name)[:100])
    put(100, octal(mode, 8))
    put(108, octal(uid, 8))
    put(116, octal(gid, 8))
    put(124, octal(size, 12))
    put(136, octal(mtime, 12))
    put(156, as_bytes(kind))
    put(157, as_bytes(link)[:100])
    put(257, magic)
    if magic:
        put(329, octal(major, 8))
        put(337, octal(minor, 8))
    put(345, as_bytes(prefix)[:155] if tail is None else tail)
    put(148, b' ' * 8)
    put(148, b'%06o\0 ' % sum(h) if checksum is None else checksum)
    return bytes(h)


def pax_record(key, value):
    body = b' ' + as_bytes(key) + b'=' + as_bytes(value) + b'\n'
    length = len(body) + 1
    while len(b'%d' % length) + len(body) != length:
        length += 1
    return b'%d' % length + body


def pax(records, kind=b'x'):
    """An extended header; records is a dict, or the bytes of its body."""
    body = records if isinstance(records, bytes) else b''.join(pax_record(k, v) for k, v in records.items())
    return header('pax', kind, size=len(body)) + pad(body)


def gnu_long(text, kind=b'L'):
    """The GNU entry that carries a long name (L) or link target (K)."""
    text = as_bytes(text) + b'\0'
    return header('././@LongLink', kind, size=len(text), magic=b'ustar  \0') + pad(text)


class Tar:
    """Entries in the order of the calls; long names go into pax headers."""

    def __init__(self):
        self.parts = []

    def raw(self, *data):
        self.parts += data
        return self

    def add(self, name, kind=b'0', data=b'', records=None, **fields):
        name, link = as_bytes(name), as_bytes(fields.get('link', b''))
        records = dict(records or {})
        if len(name) > 100:
            records.setdefault('path', name)
        if len(link) > 100:
            records.setdefault('linkpath', link)
        if records:
            self.parts.append(pax(records))
        fields.setdefault('size', len(data))
        self.parts += [header(name, kind, **fields), pad(data)]
        return self

    def file(self, name, data=b'x\n', **fields):
        return self.add(name, b'0', as_bytes(data), **fields)

    def dir(self, name, **fields):
        fields.setdefault('mode', 0o755)
        return self.add(name, b'5', **fields)

    def sym(self, name, link, **fields):
        return self.add(name, b'2', link=link, mode=0o777, **fields)

    def hard(self, name, link, **fields):
        return self.add(name, b'1', link=link, **fields)

    def bytes(self, end=2 * BLOCK):
        return b''.join(self.parts) + bytes(end)


def elf(machine, code):
    """A static ELF file of these instructions."""
    number = {'x86_64': 62, 'aarch64': 183}.get(machine)
    if not number:
        raise SystemExit(f'no tiny program for {machine}')
    entry, length = 0x400078, 0x78 + len(code)
    return (b'\x7fELF\2\1\1' + bytes(9) + struct.pack('<HHIQQQIHHHHHH', 2, number, 1, entry, 64, 0, 0, 64, 56, 1, 0, 0, 0)
            + struct.pack('<IIQQQQQQ', 1, 5, 0, 0x400000, 0x400000, length, length, 0x1000) + code)


def tiny_program(machine, status=0):
    """A program that ends with this status: what an image needs at least in order to be run."""
    if machine == 'aarch64':
        return elf(machine, struct.pack('<III', 0xd2800000 | status << 5, 0xd2800ba8, 0xd4000001))
    return elf(machine, b'\xbf' + struct.pack('<i', status) + b'\xb8\x3c\0\0\0\x0f\x05')
