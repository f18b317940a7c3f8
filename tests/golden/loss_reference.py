"""Independent NumPy values of the SmoothMix and transfer losses, for tests/train/losses_test.cpp.

The network is one fully connected layer, so every gradient has a closed form. Run it to rewrite
loss_reference.json beside it.
"""
import json
import pathlib

import numpy as np

rng = np.random.default_rng(7)
B, K, SIDE, M, T, STEP, ETA = 5, 3, 4, 2, 3, 0.8, 2.5
D = SIDE * SIDE
W, b = rng.normal(size=(K, D)) * 0.6, rng.normal(size=K) * 0.1
x = rng.random((B, D))
noise = rng.normal(size=(M, B, D)) * 0.5
lam = rng.random(B) * 0.5


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def log_softmax(z):
    z = z - z.max(-1, keepdims=True)
    return z - np.log(np.exp(z).sum(-1, keepdims=True))


# Labels: mostly what the network says, so that the mask of right predictions is mixed.
y = softmax((x + noise) @ W.T + b).mean(0).argmax(1)
y[0] = (y[0] + 1) % K


def adversary():
    adv = x.copy()
    for _ in range(T):
        p = softmax((adv + noise) @ W.T + b)  # [M, B, K]
        g = p.mean(0)[np.arange(B), y]
        # d p_y / d input = p_y (W_y - sum_k p_k W_k)
        py = p[:, np.arange(B), y]
        dp = py[..., None] * (W[y] - p @ W)
        grad = -dp.mean(0) / g[:, None]
        adv = adv + STEP * grad / (np.linalg.norm(grad, axis=1, keepdims=True) + 1e-8)
        adv = np.clip(adv, 0, 1)
    return adv


def smoothmix(weights, adv):
    z = (x + noise) @ weights.T + b
    natural = -log_softmax(z)[:, np.arange(B), y].mean()
    mean = softmax(z).mean(0)
    mixed = (1 - lam)[:, None] * x + lam[:, None] * adv
    target = (1 - lam)[:, None] * mean + lam[:, None] / K
    logs = log_softmax((mixed + noise) @ weights.T + b)
    kl = (target * (np.log(target) - logs)).sum(-1)  # [M, B]
    return natural + ETA * (kl * (mean.argmax(1) == y)).mean()


def numerical_gradient(function, at, h=1e-6):
    grad = np.zeros_like(at)
    for i in np.ndindex(*at.shape):
        up, down = at.copy(), at.copy()
        up[i] += h
        down[i] -= h
        grad[i] = (function(up) - function(down)) / (2 * h)
    return grad


adv = adversary()
student, teacher = rng.normal(size=(B, K)), rng.normal(size=(B, K))
cross_entropy = -log_softmax(student)[np.arange(B), y].mean()
on_logits = np.sqrt(((student - teacher) ** 2).sum(1)).mean()
on_softmax = np.sqrt(((softmax(student) - softmax(teacher)) ** 2).sum(1)).mean()

out = {
    "settings": {"batch": B, "classes": K, "side": SIDE, "draws": M, "steps": T, "step_size": STEP, "eta": ETA},
    "weight": W.ravel(), "bias": b, "x": x.ravel(), "noise": noise.ravel(), "lambda": lam, "labels": y,
    "adversary": adv.ravel(), "right": int((softmax((x + noise) @ W.T + b).mean(0).argmax(1) == y).sum()),
    "smoothmix": smoothmix(W, adv),
    "smoothmix_weight_gradient": numerical_gradient(lambda w: smoothmix(w, adv), W).ravel(),
    "student": student.ravel(), "teacher": teacher.ravel(),
    "transfer_logits": on_logits, "transfer_softmax": on_softmax,
    "transfer_mixed": 0.7 * on_logits + 0.3 * cross_entropy,
}
plain = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in out.items()}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(plain, indent=0, default=float) + "\n")
