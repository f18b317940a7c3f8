"""Loads artifacts in Python and prints the logits of each on a fixed ramp image, one row a line.

usage: print_logits.py (MODEL CHANNELS HEIGHT WIDTH)... Exits 77 where PyTorch is absent.
"""
import sys

try:
    import torch
except ImportError:
    sys.exit(77)

for first in range(1, len(sys.argv), 4):
    model = torch.jit.load(sys.argv[first])
    channels, height, width = map(int, sys.argv[first + 1:first + 4])
    numel = channels * height * width
    ramp = torch.arange(2 * numel, dtype=torch.float32) / (2 * numel)
    for row in model(ramp.reshape(2, channels, height, width)).tolist():
        print(" ".join(f"{value:.9g}" for value in row))
