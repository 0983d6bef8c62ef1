# shellcheck shell=sh
ARCHIVE_FLAGS='' archive bz2 blocksort.c bzlib.c compress.c crctable.c decompress.c huffman.c randtable.c
cp bzlib.h "$prefix/include/"
