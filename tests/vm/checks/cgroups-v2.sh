#!/bin/sh
# The limits that programs see, with cgroups mounted as version 2.
. /tests/cgroups.sh
