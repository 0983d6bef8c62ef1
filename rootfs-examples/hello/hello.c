/*
 * hello: says what a program sees from inside a sandbox.  The whole of the image.
 */
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

int main(void)
{
	struct utsname host;

	if (uname(&host) < 0)
		return 1;
	printf("Hello from inside! I am uid %d, process %d, on host \"%s\", Linux %s on %s.\n", (int)getuid(), (int)getpid(),
		host.nodename, host.release, host.machine);
	return 0;
}
