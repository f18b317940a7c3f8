"""Loads an artifact in Python and prints its logits on a fixed ramp image, one row a line.

usage: print_logits.py MODEL CHANNELS HEIGHT WIDTH. Exits 77 where PyTorch is absent.
"""
import sys

try:
    import torch
except ImportError:
    sys.exit(77)

model = torch.jit.load(sys.argv[1])
channels, height, width = map(int, sys.argv[2:5])
numel = channels * height * width
ramp = torch.arange(2 * numel, dtype=torch.float32).reshape(2, channels, height, width) / (2 * numel)
for row in model(ramp).tolist():
    print(" ".join(f"{value:.9g}" for value in row))
