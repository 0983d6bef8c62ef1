#!/bin/sh
# The limits that programs see, with cgroups mounted as version 1, with version 2 beside it.
. /tests/cgroups.sh
