/*
 * payload: what runs inside, as /bin/true and as /bin/sleep of the tiny image.
 * Put there by tests/bench/images.py.  Usage: payload [SECONDS]: ends at once, or after so long.
 * Touches nothing.
 */
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	unsigned int left = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 10) : 0;

	while (left > 0)
		left = sleep(left);
	return 0;
}
