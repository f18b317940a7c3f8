"""Values of every training loss for tests/train/losses_test.cpp, from the papers' formulas.

A small convolutional network in float64 with fixed weights, fixed images and fixed noise; gradients
by PyTorch's autograd. Written apart from core/train: plain loops over draws, one image pass each
where batch normalisation allows it, and textbook forms of the losses. Run it with Debian's
python3-torch to rewrite loss_reference.json beside it.
"""
import copy
import json
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(7)
B, K, SIDE, M, T, SIGMA, SMOOTHING = 6, 3, 6, 3, 3, 0.4, 0.1


class Net(torch.nn.Module):
    """Smooth, so that no kink lies between float32 and float64."""

    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(1, 4, 3, padding=1, bias=False)
        self.norm = torch.nn.BatchNorm2d(4)
        self.conv2 = torch.nn.Conv2d(4, 6, 3, stride=2)
        self.fc = torch.nn.Linear(24, K)
        with torch.no_grad():
            for p in self.parameters():
                p.copy_(0.6 * torch.randn_like(p))
            self.norm.weight.copy_(1 + 0.2 * torch.randn(4))
            self.norm.running_mean.copy_(0.3 * torch.randn(4))
            self.norm.running_var.copy_(0.5 + torch.rand(4))

    def forward(self, x):
        x = torch.tanh(self.conv2(torch.tanh(self.norm(self.conv1(x)))))
        return self.fc(x.flatten(1))


START = Net()
X = torch.rand(B, 1, SIDE, SIDE)
NOISE = SIGMA * torch.randn(M, B, 1, SIDE, SIDE)
LAMBDA = torch.rand(B) / 2
UNIFORM = torch.rand(M, B)


def stack(x):
    return torch.cat([x + n for n in NOISE])


def probabilities(net, x):
    return net(stack(x)).softmax(1).chunk(M)


def mean(items):
    return sum(items) / len(items)


def labels():
    """Mostly what the network says in training mode, so that every mask is mixed."""
    y = mean(probabilities(copy.deepcopy(START).train(), X)).argmax(1)
    y[0], y[3] = (y[0] + 1) % K, (y[3] + 2) % K
    return y


Y = labels()
SOFT = (1 - SMOOTHING) * F.one_hot(Y, K).double() + SMOOTHING / K


def cross_entropy(p, goal=SOFT):
    return -(goal * p.log()).sum(1)


def kl(p, q):
    return (p * (p.log() - q.log())).sum(1)


def norms(x):
    return x.flatten(1).norm(dim=1).view(-1, 1, 1, 1)


def attack_gradient(net, x):
    x = x.detach().requires_grad_()
    of_label = mean(probabilities(net, x)).gather(1, Y[:, None])
    return torch.autograd.grad(-of_label.log().sum(), x)[0]


def into_ball(x, centre, radius):
    offset = x - centre
    return torch.where(norms(offset) > radius, centre + radius * offset / norms(offset), x)


def stability(net, weight=2.0):
    clean, noisy = net(X).softmax(1), net(X + NOISE[0]).softmax(1)
    return (cross_entropy(clean) + weight * cross_entropy(noisy, clean)).mean()


def smoothadv_adversary(net, epsilon):
    net.eval()
    x = X
    for _ in range(T):
        g = attack_gradient(net, x)
        x = into_ball((x + 2 * epsilon / T * g / (norms(g) + 1e-8)).clamp(0, 1), X, epsilon).detach()
    net.train()
    return x


def smoothadv(net, epsilon=0.7):
    x = smoothadv_adversary(net, epsilon)
    return mean([cross_entropy(p) for p in probabilities(net, x)]).mean()


def macer(net, weight=6.0, beta=2.0, gamma=1.2):
    logits = net(stack(X))
    natural = cross_entropy(mean(logits.softmax(1).chunk(M))).sum()
    p = mean((beta * logits).softmax(1).chunk(M))
    kept, gaps = [], []
    for i in range(B):
        best, second = p[i].sort(descending=True).values[:2]
        gap = torch.special.ndtri(best) - torch.special.ndtri(second)
        gaps.append(round(float(gap), 3))
        if p[i].argmax() == Y[i] and gap <= gamma:
            kept.append(gamma - gap)
    assert 0 < len(kept) < (p.argmax(1) == Y).sum(), (gaps, len(kept))
    return (natural + weight * SIGMA / 2 * sum(kept)) / B


def consistency(net, weight=5.0, eta=0.5):
    each = probabilities(net, X)
    middle = mean(each)
    entropy = -(middle * middle.log()).sum(1)
    natural = mean([cross_entropy(p) for p in each])
    return (natural + weight * mean([kl(middle, p) for p in each]) + eta * entropy).mean()


def smoothmix_adversary(net, one_step, step=0.8, warm=0.6):
    net.eval()
    x, start = X, X
    for t in range(T):
        g = attack_gradient(net, x)
        x = (x + step * g / (norms(g) + 1e-8)).clamp(0, 1).detach()
        if t == 0 and one_step:
            start = into_ball(x, X, step * warm)
    net.train()
    return start, x


def smoothmix(net, one_step=False, eta=2.5, warm=0.6):
    x, adversary = smoothmix_adversary(net, one_step)
    each = probabilities(net, x)
    middle = mean(each)
    lam = LAMBDA.view(-1, 1, 1, 1)
    mixed = probabilities(net, (1 - lam) * x + lam * adversary)
    goal = (1 - LAMBDA)[:, None] * middle + LAMBDA[:, None] / K
    right = (middle.argmax(1) == Y).double()
    assert 0 < right.sum() < B
    natural = mean([cross_entropy(p) for p in each])
    return (natural + eta * warm * right * mean([kl(goal, p) for p in mixed])).mean()


def catrs_noise(net, target, epsilon=0.5):
    net.eval()
    out = []
    for original in NOISE:
        n = original
        middle = original.flatten(1).mean(1).view(-1, 1, 1, 1)
        size = (original ** 2).flatten(1).mean(1).sqrt().view(-1, 1, 1, 1)
        for _ in range(T):
            n = n.detach().requires_grad_()
            g = torch.autograd.grad(kl(target, net(X + n).softmax(1)).sum(), n)[0]
            n = into_ball(n + 2 * epsilon / T * g / (norms(g) + 1e-8), original, epsilon)
            now, rms = n.flatten(1).mean(1), (n ** 2).flatten(1).mean(1).sqrt()
            n = (middle + size * (n - now.view(-1, 1, 1, 1)) / rms.view(-1, 1, 1, 1)).detach()
        out.append(n)
    net.train()
    return torch.stack(out)


def catrs(net, weight=1.5):
    each = probabilities(net, X)
    target = mean(each).detach()
    share = mean([(p.argmax(1) == Y).double() for p in each])
    trusted = torch.stack([(u < share) for u in UNIFORM]).sum(0).clamp(min=1)
    assert trusted.max() == M and trusted.min() < M and ((share > 0) & (share < 1)).any(), (share, trusted)
    losses = torch.stack([cross_entropy(p) for p in each]).sort(0).values
    worst = catrs_noise(net, target)
    far = torch.stack([kl(target, p) for p in net(torch.cat([X + n for n in worst])).softmax(1).chunk(M)])
    total = 0
    for i in range(B):
        total = total + losses[: trusted[i], i].sum() / M
        if trusted[i] == M:
            total = total + weight * far[:, i].max()
    return total / B


TEACHER = torch.randn(B, K)


def transfer(net, on_softmax=False, alpha=1.0):
    student, teacher = net(X + NOISE[0]), TEACHER
    natural = cross_entropy(student.softmax(1)).mean()
    if on_softmax:
        student, teacher = student.softmax(1), teacher.softmax(1)
    distance = ((student - teacher) ** 2).sum(1).sqrt().mean()
    return alpha * distance + (1 - alpha) * natural


LOSSES = {
    "stability": stability, "smoothadv": smoothadv, "macer": macer, "consistency": consistency,
    "smoothmix": smoothmix, "smoothmix_one_step": lambda net: smoothmix(net, one_step=True), "catrs": catrs,
    "gaussian": lambda net: cross_entropy(net(X + NOISE[0]).softmax(1)).mean(),
    "transfer_logits": transfer, "transfer_softmax": lambda net: transfer(net, on_softmax=True),
    "transfer_mixed": lambda net: transfer(net, alpha=0.7),
}


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]


def measured(loss):
    net = copy.deepcopy(START).train()
    value = loss(net)
    value.backward()
    return {"loss": value.item(),
            "gradient": {name: numbers(p.grad) for name, p in net.named_parameters()},
            "running_mean": numbers(net.norm.running_mean)}


frozen = copy.deepcopy(START)
start, end = smoothmix_adversary(frozen, one_step=True)
seen = mean(probabilities(copy.deepcopy(START).train(), X)).detach()
out = {
    "settings": {"batch": B, "classes": K, "side": SIDE, "draws": M, "steps": T, "sigma": SIGMA,
                 "label_smoothing": SMOOTHING},
    "state": {name: numbers(value) for name, value in START.state_dict().items()},
    "x": numbers(X), "noise": numbers(NOISE), "lambda": numbers(LAMBDA), "uniform": numbers(UNIFORM),
    "labels": Y.tolist(), "teacher": numbers(TEACHER), "smoothadv_adversary": numbers(smoothadv_adversary(frozen, 0.7)),
    "smoothmix_start": numbers(start), "smoothmix_end": numbers(end),
    "catrs_target": numbers(seen), "catrs_noise": numbers(catrs_noise(frozen, seen)),
    "losses": {name: measured(loss) for name, loss in LOSSES.items()},
}
pathlib.Path(__file__).with_suffix(".json").write_text(
    "{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in out.items()) + "\n}\n")
