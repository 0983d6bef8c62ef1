/*
 * creds: changes its own ids and capabilities at random, and prints what each call answered and what it
 * then is.  Usage: creds SEED STEPS PROGRAM SETUID-COPY.
 * Called by tests/e2e/emulate.sh, as real root outside and in a sandbox: both must print the same.
 * Begins with root's ids and Docker's default capabilities.
 */
#include <err.h>
#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Docker's default, in the order of their numbers. */
#define CAPS 0xa80425fbull

static uint64_t
	state; /* of the random numbers; a thread continues those of its maker, which waits */
static char *self, *copy; /* this program, and itself with the setuid bit */

static unsigned pick(unsigned n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % n;
}

static long pick_id(void)
{
	static const long ids[] = { 0, 0, 1, 2, 1000, 65534, -1 };

	return ids[pick(sizeof(ids) / sizeof(*ids))];
}

struct caps {
	struct __user_cap_data_struct half[2];
};

static long caps(int call, struct caps *c)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };

	return syscall(call, &head, c->half);
}

static void show(const char *call, long answer)
{
	unsigned r, e, s, ids[16];
	struct caps c = { 0 };
	uint64_t ambient = 0;
	long n;

	printf("%s: %ld %d;", call, answer, answer < 0 ? errno : 0);
	syscall(SYS_getresuid, &r, &e, &s);
	printf(" uid %u %u %u %ld", r, e, s, syscall(SYS_setfsuid, -1));
	printf(" %ld %ld", syscall(SYS_getuid), syscall(SYS_geteuid));
	syscall(SYS_getresgid, &r, &e, &s);
	printf(" gid %u %u %u %ld", r, e, s, syscall(SYS_setfsgid, -1));
	printf(" %ld %ld", syscall(SYS_getgid), syscall(SYS_getegid));
	n = syscall(SYS_getgroups, 16, ids);
	printf(" groups");
	for (long i = 0; i < n; i++)
		printf(" %u", ids[i]);
	caps(SYS_capget, &c);
	for (unsigned i = 0; i < 40; i++)
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i, 0, 0) == 1)
			ambient |= UINT64_C(1) << i;
	printf(" caps %x%08x %x%08x %x%08x %llx", c.half[1].effective, c.half[0].effective,
		c.half[1].permitted, c.half[0].permitted, c.half[1].inheritable,
		c.half[0].inheritable, (unsigned long long)ambient);
	printf(" bits %x %d %d\n", (unsigned)prctl(PR_GET_SECUREBITS), prctl(PR_GET_KEEPCAPS),
		prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	fflush(stdout);
}

static void capset_random(void)
{
	struct caps c = { 0 };
	unsigned kind = pick(4);

	caps(SYS_capget, &c);
	if (kind == 0)
		c.half[0].effective = c.half[0].permitted;
	else if (kind == 1)
		c.half[0].inheritable = c.half[0].permitted & (pick(2) ? 0xc0u : UINT32_MAX);
	else if (kind == 2)
		c.half[0].effective &= ~(1u << pick(32));
	else
		c.half[0].permitted |= 1u << pick(32);
	show("capset", caps(SYS_capset, &c));
}

static void steps(unsigned n);

static void *steps_of_thread(void *n)
{
	steps(*(unsigned *)n);
	return NULL;
}

static void exec_again(unsigned left, bool set_id)
{
	char seed[32], count[16];

	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)state);
	snprintf(count, sizeof(count), "%u", left);
	execl(set_id ? copy : self, "creds", seed, count, self, copy, "again", NULL);
	show("exec", -1);
}

static void step(unsigned left)
{
	const unsigned groups[] = { 1, 2, 3, 1000 };
	long a = pick_id(), b = pick_id(), c = pick_id();
	unsigned what = pick(20), part = pick(8);
	pthread_t thread;
	pid_t pid;

	switch (what) {
	case 0:
		show("setuid", syscall(SYS_setuid, a));
		break;
	case 1:
		show("setgid", syscall(SYS_setgid, a));
		break;
	case 2:
	case 3:
		show("setreuid", syscall(SYS_setreuid, a, b));
		break;
	case 4:
		show("setregid", syscall(SYS_setregid, a, b));
		break;
	case 5:
	case 6:
		show("setresuid", syscall(SYS_setresuid, a, b, c));
		break;
	case 7:
		show("setresgid", syscall(SYS_setresgid, a, b, c));
		break;
	case 8:
		show("setfsuid", syscall(SYS_setfsuid, a));
		break;
	case 9:
		show("setfsgid", syscall(SYS_setfsgid, a));
		break;
	case 10:
		show("setgroups", syscall(SYS_setgroups, part % 5, groups));
		break;
	case 11:
	case 12:
		capset_random();
		break;
	case 13:
		show("keepcaps", prctl(PR_SET_KEEPCAPS, part % 3, 0, 0, 0));
		break;
	case 14:
		show("securebits", prctl(PR_SET_SECUREBITS,
					   part == 7   ? 0x3f
					   : part == 6 ? 1u << 12
						       : 0,
					   0, 0, 0));
		break;
	case 15:
		show("ambient",
			prctl(PR_CAP_AMBIENT, part % 5, part == 4 ? 0 : 6 + part % 2, 0, 0));
		break;
	case 16:
		pid = fork();
		if (pid == 0) {
			steps(part);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
		break;
	case 17:
		if (pthread_create(&thread, NULL, steps_of_thread, &part) == 0)
			pthread_join(thread, NULL);
		break;
	case 18:
		exec_again(left, part > 3);
		break;
	default:
		show("no_new_privs", part ? 0 : prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	}
}

static void steps(unsigned n)
{
	while (n-- > 0)
		step(n);
}

/* The same beginning on both sides. */
static void begin(void)
{
	struct caps c = { .half = { { (uint32_t)CAPS, (uint32_t)CAPS, 0 } } };

	for (unsigned i = 0; i < 64; i++)
		if (!(CAPS >> i & 1) && prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1 &&
			prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0)
			err(125, "drop capability %u", i);
	if (syscall(SYS_setgroups, 0, NULL) < 0 || caps(SYS_capset, &c) < 0)
		err(125, "begin");
}

int main(int argc, char **argv)
{
	if (argc < 5)
		errx(125, "usage: creds SEED STEPS PROGRAM SETUID-COPY");
	state = strtoull(argv[1], NULL, 10);
	self = argv[3];
	copy = argv[4];
	if (argc == 5)
		begin();
	show("start", 0);
	steps((unsigned)strtoul(argv[2], NULL, 10));
	return 0;
}
