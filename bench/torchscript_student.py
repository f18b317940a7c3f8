#!/usr/bin/env python3
"""Writes the TorchScript student of the MNIST table: a convolutional network with batch norm, such as
a user would write in Python, untrained. usage: torchscript_student.py FILE"""
import sys

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width, out, stride):
        super().__init__()
        self.conv = nn.Conv2d(width, out, 3, stride=stride, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out)

    def forward(self, x):
        return torch.relu(self.norm(self.conv(x)))


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(Block(1, 16, 2), Block(16, 32, 1), Block(32, 32, 2), Block(32, 64, 1))
        self.pool = nn.AdaptiveAvgPool2d(4)
        self.hidden = nn.Linear(64 * 16, 128)
        self.head = nn.Linear(128, 10)

    def forward(self, x):
        x = self.pool(self.blocks(x)).flatten(1)
        return self.head(torch.relu(self.hidden(x)))


torch.manual_seed(1)
torch.jit.script(Student()).save(sys.argv[1])
