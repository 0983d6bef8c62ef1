# shellcheck shell=sh disable=SC2034,SC1091
# The same on a kernel without the overlay module.
. /tests/vm/hosts/ordinary.sh
modules=
