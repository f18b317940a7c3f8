"""The demo's last table: seconds of each stage, and what SmoothMix would have cost g2.

usage: demo_costs.py TRAIN_EXAMPLES ESTIMATE < `heirloom generation list -o json`
"""
import json
import sys

examples, estimate = int(sys.argv[1]), json.loads(sys.argv[2])
generations = json.load(sys.stdin)

print(f"{'':4} {'version':8} {'made by':10} {'train':>8} {'certify':>8}  samples")
for generation in generations:
    seconds = generation["seconds"]
    print(f"{generation['id']:4} {generation['version']:8} {generation['kind']:10} "
          f"{seconds['train']:7.1f}s {seconds['certify']:7.1f}s  {generation['samples']}")

student = generations[1]
smoothmix = estimate["epochs"] * examples / estimate["images_per_second"]
print(f"\nestimate from {estimate['steps']} timed steps: SmoothMix would have trained "
      f"{student['version']} in about {smoothmix:.0f} s ({estimate['epochs']} epochs at "
      f"{estimate['images_per_second']:.0f} images/s);\nthe transfer took "
      f"{student['seconds']['train']:.1f} s: about {smoothmix / student['seconds']['train']:.1f} "
      "times cheaper")
