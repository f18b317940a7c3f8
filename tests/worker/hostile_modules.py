"""Writes TorchScript modules that try what no classifier should: to read a file into their output,
and to write one.

usage: hostile_modules.py FOLDER PATH_TO_WRITE NAME=PATH_TO_READ ... Exits 77 where PyTorch is absent.
"""
import pathlib
import sys

try:
    import torch
    from torch import nn
except ImportError:
    sys.exit(77)

folder = pathlib.Path(sys.argv[1])


class Read(nn.Module):
    def __init__(self, path):
        super().__init__()
        self.path: str = path

    def forward(self, x):
        return torch.from_file(self.path, False, 64, dtype=torch.uint8)


class Write(nn.Module):
    def __init__(self, path):
        super().__init__()
        self.path: str = path

    def forward(self, x):
        torch.save(x, self.path)
        return x


torch.jit.script(Write(sys.argv[2])).save(str(folder / "write.pt"))
for word in sys.argv[3:]:
    name, path = word.split("=", 1)
    torch.jit.script(Read(path)).save(str(folder / f"{name}.pt"))
