def siphash24(key: bytes, data: bytes) -> int:
    k0, k1 = (int.from_bytes(key[i : i + 8], "little") for i in (0, 8))
    mask = (1 << 64) - 1
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]

    def mix(a, b, by):
        v[a] = (v[a] + v[b]) & mask
        v[b] = (v[b] << by | v[b] >> (64 - by)) & mask
        v[b] ^= v[a]

    def swap(a):
        v[a] = (v[a] << 32 | v[a] >> 32) & mask

    def rounds(count):
        for _ in range(count):
            mix(0, 1, 13), swap(0), mix(2, 3, 16), mix(0, 3, 21), mix(2, 1, 17), swap(2)

    padded = data + bytes(7 - len(data) % 8) + bytes([len(data) % 256])
    for i in range(0, len(padded), 8):
        word = int.from_bytes(padded[i : i + 8], "little")
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 0xFF
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def is_kept(key: bytes, request_id: str, rate: float) -> bool:
    return siphash24(key, request_id.encode()) < int(rate * 2**64)
