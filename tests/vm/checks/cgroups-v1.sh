#!/bin/sh
# The limits that programs see, with cgroups mounted as version 1 alone.
. /tests/cgroups.sh
