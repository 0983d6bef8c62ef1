# shellcheck shell=sh disable=SC2034,SC1091
# No cgroups are mounted, and no devpts.
. /tests/vm/hosts/ordinary.sh
no_limits=yes
