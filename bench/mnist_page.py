"""docs/results/mnist.md, made from the finished rows of the MNIST table."""

HEAD = """# MNIST, LeNet, sigma 0.5, as measured

Made by `tools/bench mnist_table` from `mnist.jsonl`; change neither by hand. Every 20th test image
(500), n0 = 100, alpha = 0.001, exact certification of the exported bf16 artifact. `n` is 100,000 or,
to save hours, 10,000, where the largest possible radius is smaller: compare only rows of one n.
Published is the log of `shared/data/reference` on the same images, its radii cut to that n's ceiling
(logs print three digits, and all were made with n = 100,000; at n = 10,000 that flatters them, since
fewer draws also shrink every radius below the ceiling). Seconds are wall clock with `threads`
threads; where other work ran on the machine the CPU seconds are the better figure.
"""


def minutes(seconds):
    return f"{seconds / 60:.1f}"


def cell(values, key):
    return f"{100 * values[key]:.1f}" if values and key in values else ""


def write(path, rows):
    text = [HEAD]
    text.append("| row | n | ACR | measured by | its ACR | ratio | aim | train, min (CPU) | certify, min (CPU) | threads |")
    text.append("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for row in rows.values():
        if "n" not in row:
            continue
        met = "" if row["ratio"] >= row["aim"] else " **not met**"
        text.append(
            f"| {row['name'][4:]} | {row['n']:,} | {row['ours']:.3f} | {row['peer_is']} | {row['peer']:.3f} | "
            f"{row['ratio']:.3f} | {row['aim']}{met} | {minutes(row['train_seconds'])} ({minutes(row['train_cpu_seconds'])}) | "
            f"{minutes(row['certify_seconds'])} ({minutes(row['certify_cpu_seconds'])}) | {row['threads']} |")
    cost = rows.get("smoothmix_over_transfer")
    if cost:
        text.append(f"\nTraining by SmoothMix took {cost['ratio']:.1f} times the CPU time of a transfer to the "
                    f"same student for as many epochs ({minutes(cost['peer'])} min against "
                    f"{minutes(cost['ours'])} min, one thread each; aim {cost['aim']}).")
    keys = [f"{step / 4:.2f}" for step in range(8)]
    text.append("\nCertified accuracy in %, and the published log's on the same images:\n")
    text.append("| row | " + " | ".join(keys) + " |")
    text.append("| --- |" + " --- |" * len(keys))
    for row in rows.values():
        if "n" not in row:
            continue
        cells = " | ".join(cell(row["certified_accuracy"], key) for key in keys)
        text.append(f"| {row['name'][4:]} | {cells} |")
        if "published_certified_accuracy" in row:
            cells = " | ".join(cell(row["published_certified_accuracy"], key) for key in keys)
            text.append(f"| (published) | {cells} |")
    text.append("\nHow each was trained (one-cycle unless it says otherwise):\n")
    for row in rows.values():
        if "n" in row:
            text.append(f"- {row['name'][4:]}: {row['architecture']}; {row['settings']}; {row['steps']} steps; {row['date']}, {row['machine']}")
    path.write_text("\n".join(text) + "\n")
