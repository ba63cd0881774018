"""A JBIG2 encoder of one generic region (ITU-T T.88, template 0), enough to embed a bilevel page in a PDF as scanners do."""

import struct

import numpy as np

_QE = [
    (0x5601, 1, 1, 1), (0x3401, 2, 6, 0), (0x1801, 3, 9, 0), (0x0AC1, 4, 12, 0), (0x0521, 5, 29, 0), (0x0221, 38, 33, 0), (0x5601, 7, 6, 1), (0x5401, 8, 14, 0),
    (0x4801, 9, 14, 0), (0x3801, 10, 14, 0), (0x3001, 11, 17, 0), (0x2401, 12, 18, 0), (0x1C01, 13, 20, 0), (0x1601, 29, 21, 0), (0x5601, 15, 14, 1),
    (0x5401, 16, 14, 0), (0x5101, 17, 15, 0), (0x4801, 18, 16, 0), (0x3801, 19, 17, 0), (0x3401, 20, 18, 0), (0x3001, 21, 19, 0), (0x2801, 22, 19, 0),
    (0x2401, 23, 20, 0), (0x2201, 24, 21, 0), (0x1C01, 25, 22, 0), (0x1801, 26, 23, 0), (0x1601, 27, 24, 0), (0x1401, 28, 25, 0), (0x1201, 29, 26, 0),
    (0x1101, 30, 27, 0), (0x0AC1, 31, 28, 0), (0x09C1, 32, 29, 0), (0x08A1, 33, 30, 0), (0x0521, 34, 31, 0), (0x0441, 35, 32, 0), (0x02A1, 36, 33, 0),
    (0x0221, 37, 34, 0), (0x0141, 38, 35, 0), (0x0111, 39, 36, 0), (0x0085, 40, 37, 0), (0x0049, 41, 38, 0), (0x0025, 42, 39, 0), (0x0015, 43, 40, 0),
    (0x0009, 44, 41, 0), (0x0005, 45, 42, 0), (0x0001, 45, 43, 0), (0x5601, 46, 46, 0),
]

# The pixels that make up a context, as (rows up, columns right), with the four adaptive ones at their nominal places.
_NEIGHBOURS = ([(0, -k) for k in (1, 2, 3, 4)] + [(1, k) for k in (-2, -1, 0, 1, 2)] + [(2, k) for k in (-1, 0, 1)] + [(1, 3), (1, -3), (2, 2), (2, -2)])


def _contexts(bitmap):
    height, width = bitmap.shape
    padded = np.zeros((height + 2, width + 8), dtype=np.uint32)
    padded[2:, 4:-4] = bitmap
    contexts = np.zeros((height, width), dtype=np.uint32)
    for bit, (up, right) in enumerate(_NEIGHBOURS):
        contexts |= padded[2 - up : 2 - up + height, 4 + right : 4 + right + width] << bit
    return contexts


def _arithmetic(bits, contexts):
    """The MQ coder of annex E over a sequence of decisions."""
    index, mps = [0] * 65536, [0] * 65536
    out = bytearray([0])
    a, c, ct = 0x8000, 0, 12

    def byte_out():
        nonlocal c, ct
        if out[-1] == 0xFF:
            out.append((c >> 20) & 0xFF)
            c &= 0xFFFFF
            ct = 7
            return
        if c >= 0x8000000:
            out[-1] += 1
            c &= 0x7FFFFFF
            if out[-1] == 0xFF:
                out.append((c >> 20) & 0xFF)
                c &= 0xFFFFF
                ct = 7
                return
        out.append((c >> 19) & 0xFF)
        c &= 0x7FFFF
        ct = 8

    for bit, cx in zip(bits, contexts):
        qe, next_mps, next_lps, switch = _QE[index[cx]]
        a -= qe
        if bit == mps[cx]:
            if a & 0x8000:
                c += qe
                continue
            if a < qe:
                a = qe
            else:
                c += qe
            index[cx] = next_mps
        else:
            if a < qe:
                c += qe
            else:
                a = qe
            if switch:
                mps[cx] ^= 1
            index[cx] = next_lps
        while True:
            a <<= 1
            c <<= 1
            ct -= 1
            if ct == 0:
                byte_out()
            if a & 0x8000:
                break
    limit = c + a
    c |= 0xFFFF
    if c >= limit:
        c -= 0x8000
    c <<= ct
    byte_out()
    c <<= ct
    byte_out()
    if out[-1] != 0xFF:
        out.append(0xFF)
    out.append(0xAC)
    return bytes(out[1:])


def _segment(number, kind, data):
    return struct.pack(">IBBBI", number, kind, 0, 1, len(data)) + data


def encode(bitmap):
    """The embedded stream (page information and one region) of a 2-D array in which 1 is black."""
    height, width = bitmap.shape
    flat = bitmap.astype(np.uint8)
    data = _arithmetic(flat.ravel().tolist(), _contexts(flat).ravel().tolist())
    page = struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)
    region = struct.pack(">IIIIB", width, height, 0, 0, 0) + bytes([0]) + struct.pack(">bbbbbbbb", 3, -1, -3, -1, 2, -2, -2, -2)
    return _segment(0, 48, page) + _segment(1, 38, region + data)
