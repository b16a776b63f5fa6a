#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the FRR tree that is built: FRR's source, our patches, our folders.

    frr_tree.py SRCDIR FRR_SOURCE FRR_VERSION BUILD

BUILD/stage is the source with patches/VERSION/series applied; it is made anew
when the source or a patch changes.  BUILD/frr is where make runs; files go
there from the stage and from our folders only when their content changed, and
files that vanished are removed, so that make rebuilds what it must and no more.

BUILD/frr.autotools is a hash of what configure is made from, and BUILD/frr.ours
lists the C files that are ours; both are rewritten only when they change.

A patch that does not apply without fuzz ends the build, by name.  A file of
ours never replaces one of FRR: that would hide a change that belongs in a patch.
"""

import fnmatch
import hashlib
import os
import shutil
import subprocess
import sys

# our folder, which files of it, the folder in FRR's tree
LAYERS = (
    ("wire", "*.h", "wire"),
    ("bgpd-spilabel", "*.[ch]", "bgpd"),
    ("vpnd", "*", "vpnd"),
    ("netconfd", "*", "netconfd"),
    ("yang", "*.yang", "yang"),
)


class TreeError(Exception):
    """Why there is no tree, in words."""


def files_below(top):
    """Paths of all files and links below top, relative to it."""
    for folder, subfolders, names in os.walk(top):
        subfolders[:] = [n for n in subfolders if n not in (".git", ".pc", "__pycache__")]
        links = [n for n in subfolders if os.path.islink(os.path.join(folder, n))]
        for name in names + links:
            yield os.path.relpath(os.path.join(folder, name), top)


def series_of(patches):
    """The patches to apply, in order."""
    path = os.path.join(patches, "series")
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as lines:
        names = [line.split("#")[0].split()[0] for line in lines if line.split("#")[0].strip()]
    for name in names:
        if not os.path.exists(os.path.join(patches, name)):
            raise TreeError(f"{path} names {name}, which is not there")
    return names


def stage_key(source, patches, names):
    """What the stage is made from: sizes and times of the source, content of the patches."""
    key = hashlib.sha256(source.encode())
    for path in sorted(files_below(source)):
        info = os.lstat(os.path.join(source, path))
        key.update(f"{path} {info.st_size} {info.st_mtime_ns}\n".encode())
    for name in names:
        with open(os.path.join(patches, name), "rb") as patch:
            key.update(name.encode() + b"\0" + patch.read())
    return key.hexdigest()


def read(path):
    """A small file's text, or nothing if it is not there."""
    try:
        with open(path, encoding="utf-8") as text:
            return text.read()
    except FileNotFoundError:
        return ""


def write_if_changed(path, text):
    if read(path) != text:
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)


def apply_patch(stage, patches, name, version):
    with open(os.path.join(patches, name), "rb") as patch:
        done = subprocess.run(
            ["patch", "-p1", "-F0", "-f", "--no-backup-if-mismatch"],
            cwd=stage, stdin=patch, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        said = done.stdout.decode(errors="replace").strip()
        raise TreeError(f"{os.path.join(patches, name)} does not apply to FRR {version}:\n{said}")


def make_stage(source, patches, names, version, stage):
    fresh = stage + ".new"
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(source, fresh, symlinks=True, ignore=shutil.ignore_patterns(".git", ".pc"))
    for name in names:
        print(f"  PATCH    {name}", flush=True)
        apply_patch(fresh, patches, name, version)
    shutil.rmtree(stage, ignore_errors=True)
    os.rename(fresh, stage)


def our_files(srcdir):
    """Path in the tree → our file."""
    ours = {}
    for folder, pattern, target in LAYERS:
        top = os.path.join(srcdir, folder)
        if not os.path.isdir(top):
            continue
        for path in files_below(top):
            name = os.path.basename(path)
            if fnmatch.fnmatch(name, pattern) and not name.startswith(".") and not name.endswith("~"):
                ours[os.path.join(target, path)] = os.path.join(top, path)
    return ours


def differs(source, target):
    """Is target not what source is?  Content, link target and executable bit count."""
    if os.path.islink(source):
        return not os.path.islink(target) or os.readlink(source) != os.readlink(target)
    if not os.path.isfile(target) or os.path.islink(target):
        return True
    a, b = os.stat(source), os.stat(target)
    if a.st_size != b.st_size or (a.st_mode ^ b.st_mode) & 0o100:
        return True
    with open(source, "rb") as one, open(target, "rb") as two:
        return one.read() != two.read()


def put(source, target, keep_time):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.lexists(target):
        os.unlink(target)
    # a changed file must be newer than what was made from the old one
    (shutil.copy2 if keep_time else shutil.copy)(source, target, follow_symlinks=False)
    if not os.path.islink(target):
        os.chmod(target, os.stat(target).st_mode | 0o600)


def lay(want, check, tree):
    """Brings tree to want; compares only the paths of check.  How many files changed."""
    manifest = os.path.join(tree, ".laid-over")
    fresh = not os.path.exists(manifest)
    had = set(read(manifest).split("\n")) - {""}
    changed = 0
    for path in sorted(check):
        target = os.path.join(tree, path)
        if fresh or path not in had or differs(want[path], target):
            put(want[path], target, keep_time=fresh)
            changed += 1
    for path in had - set(want):
        target = os.path.join(tree, path)
        if os.path.lexists(target):
            os.unlink(target)
            changed += 1
    write_if_changed(manifest, "\n".join(sorted(want)) + "\n")
    return changed


def autotools_key(want):
    """Hash of what configure and the Makefiles are made from."""
    key = hashlib.sha256()
    for path in sorted(want):
        if path.endswith((".am", ".ac", ".m4")) or path.startswith("m4/"):
            with open(want[path], "rb") as text:
                key.update(path.encode() + b"\0" + text.read())
    return key.hexdigest() + "\n"


def make_tree(srcdir, source, version, build):
    patches = os.path.join(srcdir, "patches", version)
    stage, tree = os.path.join(build, "stage"), os.path.join(build, "frr")
    staged = os.path.join(build, "stage.key")
    names = series_of(patches)
    key = stage_key(source, patches, names)
    restage = read(staged) != key or not os.path.isdir(stage)
    if restage:
        print(f"  TREE     FRR {version} and {len(names)} patches", flush=True)
        if os.path.exists(staged):
            os.unlink(staged)
        make_stage(source, patches, names, version, stage)

    want = {path: os.path.join(stage, path) for path in files_below(stage)}
    ours = our_files(srcdir)
    for path in ours:
        if path in want:
            raise TreeError(f"{ours[path]}: FRR has a {path} of its own: change it by a patch")
    check = set(ours) | (set(want) if restage else set())
    want.update(ours)

    os.makedirs(tree, exist_ok=True)
    if not os.path.exists(os.path.join(tree, ".laid-over")):
        check = set(want)
    changed = lay(want, check, tree)
    if changed:
        print(f"  TREE     {changed} files changed", flush=True)
    # only now is it known that all of the new stage is in the tree
    write_if_changed(staged, key)
    write_if_changed(os.path.join(build, "frr.autotools"), autotools_key(want))
    sources = sorted(path for path in ours if path.endswith(".c"))
    write_if_changed(os.path.join(build, "frr.ours"), "".join(p + "\n" for p in sources))


def main(argv):
    if len(argv) != 5:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        make_tree(*argv[1:])
    except (TreeError, OSError) as error:
        print(f"frr_tree: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
