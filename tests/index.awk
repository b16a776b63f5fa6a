# SPDX-License-Identifier: GPL-2.0-or-later
#
# What tests say about their build, as make assignments with ~ for a space
# (make splits what a shell wrote at spaces): link.tests/unit/test_spi~:=~a.c

FNR > 60 {
	next
}

/^\/\* *(link|but|libs|flags): .*\*\/ *$/ {
	line = $0
	sub(/^\/\* */, "", line)
	sub(/ *\*\/ *$/, "", line)
	kind = substr(line, 1, index(line, ":") - 1)
	value = substr(line, index(line, ":") + 1)
	gsub(/[ \t]+/, "~", value)
	path = FILENAME
	sub(/\.c$/, "", path)
	print kind "." path "~+=" value
}
