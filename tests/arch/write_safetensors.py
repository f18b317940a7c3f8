"""Writes the weights of a linear classifier of 4 pixels and 3 classes, as another program would.

usage: write_safetensors.py FILE F32|F16|BF16. Weight i is i / 8, bias i is -i.
"""
import json
import struct
import sys

path, dtype = sys.argv[1:3]


def packed(values):
    if dtype == "BF16":  # the upper half of a float32
        return b"".join(struct.pack("<f", value)[2:] for value in values)
    return struct.pack(f"<{len(values)}{'f' if dtype == 'F32' else 'e'}", *values)


weight = packed([i / 8 for i in range(12)])
bias = packed([-float(i) for i in range(3)])
header = json.dumps({
    "__metadata__": {"format": "pt"},
    "fc.bias": {"dtype": dtype, "shape": [3], "data_offsets": [len(weight), len(weight) + len(bias)]},
    "fc.weight": {"dtype": dtype, "shape": [3, 4], "data_offsets": [0, len(weight)]},
}).encode()
header += b" " * (-len(header) % 8)
with open(path, "wb") as file:
    file.write(struct.pack("<Q", len(header)) + header + weight + bias)
