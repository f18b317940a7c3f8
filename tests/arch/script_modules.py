"""Writes TorchScript modules as users export them, good and bad, for 1x28x28 images and 10 classes.

usage: script_modules.py FOLDER. Exits 77 where PyTorch is absent.
"""
import pathlib
import sys
import warnings

try:
    import torch
    from torch import nn
except ImportError:
    sys.exit(77)

warnings.filterwarnings("ignore")
folder = pathlib.Path(sys.argv[1])
example = torch.linspace(0, 1, 3 * 784).reshape(3, 1, 28, 28)


class Net(nn.Module):
    """A convolution, batch norm and dropout, and a reshape that only NCHW tensors allow."""

    def __init__(self, classes=10):
        super().__init__()
        torch.manual_seed(1)
        self.conv = nn.Conv2d(1, 8, 5, stride=2)
        self.norm = nn.BatchNorm2d(8)
        self.second = nn.Conv2d(8, 8, 3)
        self.drop = nn.Dropout(0.2)
        self.head = nn.Linear(8 * 5 * 5, classes)

    def forward(self, x):
        x = torch.relu(self.norm(self.conv(x)))
        x = torch.max_pool2d(torch.relu(self.second(x)), 2)
        return self.head(self.drop(x.view(x.size(0), -1)))


class Wrapped(nn.Module):
    def __init__(self, net, change):
        super().__init__()
        self.net = net
        self.change: str = change

    def forward(self, x):
        y = self.net(x)
        if self.change == "softmax":
            y = torch.softmax(y, 1)
        if self.change == "log_softmax":
            y = torch.log_softmax(y, 1)
        if self.change == "noise":
            y = y + torch.randn_like(y)
        if self.change == "neighbours":
            y = y - y.mean(0, keepdim=True)
        if self.change == "crowd" and x.size(0) > 8:
            y = y.mean(0, keepdim=True).expand(x.size(0), y.size(1))
        if self.change == "squeezed":
            y = y.squeeze(0)
        return y


class TwoInputs(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = Net()

    def forward(self, x, temperature):
        return self.net(x) / temperature


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = Net()

    def forward(self, x):
        y = self.net(x)
        return y, y.argmax(1)


def save(name, module):
    module.save(str(folder / (name + ".pt")))


save("scripted", torch.jit.script(Net()))
save("traced_eval", torch.jit.trace(Net().eval(), example))
save("traced_train", torch.jit.trace(Net().train(), example, check_trace=False))
for change in ("softmax", "log_softmax", "noise", "neighbours", "crowd", "squeezed"):
    save(change, torch.jit.script(Wrapped(Net(), change)))
save("two_inputs", torch.jit.script(TwoInputs()))
save("pair", torch.jit.script(Pair()))
save("nine_classes", torch.jit.script(Net(9)))
save("half", torch.jit.script(Net().half()))
save("double", torch.jit.script(Net().double()))
save("frozen", torch.jit.freeze(torch.jit.script(Net().eval())))
for parameter in (backbone := Net()).conv.parameters():
    parameter.requires_grad_(False)
save("fixed_backbone", torch.jit.script(backbone))
with torch.no_grad():
    (nan := Net()).head.bias[3] = float("nan")
save("nan", torch.jit.script(nan))
(folder / "text.pt").write_text("no module\n")
