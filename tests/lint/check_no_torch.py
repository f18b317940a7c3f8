"""heirloomd and heirloom must not load LibTorch: it costs half a second and 164 MB at each start."""
import subprocess
import sys

for program in sys.argv[1:]:
    libraries = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    found = [line.strip() for line in libraries.splitlines()
             if any(word in line for word in ("libtorch", "libc10", "libdnnl"))]
    if found:
        print(f"{program} loads {found}")
        sys.exit(1)
    print(f"{program}: {len(libraries.splitlines())} shared objects, no LibTorch")
