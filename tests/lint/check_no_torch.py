"""heirloomd and heirloom must not load LibTorch: it costs half a second and 164 MB at each start. Nor
must heirloom-worker, which is to be confined before LibTorch's code runs."""
import subprocess
import sys

for program in filter(None, sys.argv[1:]):
    libraries = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    found = [line.strip() for line in libraries.splitlines()
             if any(word in line for word in ("libtorch", "libc10", "libdnnl"))]
    if found:
        print(f"{program} loads {found}")
        sys.exit(1)
    print(f"{program}: {len(libraries.splitlines())} shared objects, no LibTorch")
