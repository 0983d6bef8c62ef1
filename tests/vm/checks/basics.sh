#!/bin/sh
# What `sandbox run` is for, on this kernel.
. "$TESTS/lib.sh"

image=$IMAGES/docker.tar
gives 'a command' 0 'hello' sandbox run "$image" echo hello
done_testing
