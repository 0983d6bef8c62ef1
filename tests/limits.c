/*
 * limits: prints the limits that programs see in their cgroup, as two of them look for them.
 *   openjdk MEMORY CPUS     as OpenJDK 8u372 to 23: mount points, controllers, version 1 or 2
 *   leaf MEMORY CPUS        as Node 20 and Go: this process's own cgroup below /sys/fs/cgroup, nothing above it
 *   top MEMORY CPUS         as Node 18 and scripts of images: where Docker has the container's cgroup
 * MEMORY in bytes and CPUS as QUOTA/PERIOD, "-" where there is no limit.  Reads files below /proc and /sys/fs/cgroup only.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_LIMIT (1ull << 62)

enum { MEMORY, CPU, KINDS };
static const char *const controllers[KINDS] = { "memory", "cpu" };

/* What is known of one controller. */
struct controller {
	char mount[4096], root[4096], path[4096];
	bool found;
};

static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *s = list; (s = strstr(s, word)); s += n)
		if ((s == list || s[-1] == ',') && (!s[n] || s[n] == ',' || s[n] == '\n'))
			return true;
	return false;
}

/* All controllers belong to no hierarchy of version 1. */
static bool is_version_2(void)
{
	FILE *f = fopen("/proc/cgroups", "r");
	char line[256], name[64];
	int hierarchy, cgroups, enabled;
	bool two = f != NULL;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %d %d %d", name, &hierarchy, &cgroups, &enabled) == 4 &&
			(has_word("memory,cpu,cpuacct,cpuset", name)))
			two = two && hierarchy == 0;
	if (f)
		fclose(f);
	return two;
}

static void read_paths(struct controller *c, bool two)
{
	FILE *f = fopen("/proc/self/cgroup", "r");
	char line[8192], words[256], path[4096];
	int number;

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		words[0] = '\0';
		if (sscanf(line, "%d:%255[^:]:%4095s", &number, words, path) != 3 &&
			sscanf(line, "%d::%4095s", &number, path) != 2)
			continue;
		for (int i = 0; i < KINDS; i++)
			if (two ? number == 0 : has_word(words, controllers[i]))
				snprintf(c[i].path, sizeof(c[i].path), "%s", path);
	}
	if (f)
		fclose(f);
}

/* The first mount counts, as long as it is below /sys/fs/cgroup. */
static void read_mounts(struct controller *c, bool two)
{
	FILE *f = fopen("/proc/self/mountinfo", "r");
	char line[16384], root[4096], mount[4096], type[64], options[1024];

	while (f && fgets(line, sizeof(line), f)) {
		const char *rest = strstr(line, " - ");

		if (!rest || sscanf(line, "%*d %*d %*s %4095s %4095s", root, mount) != 2 ||
			sscanf(rest, " - %63s %*s %1023s", type, options) != 2 ||
			strcmp(type, two ? "cgroup2" : "cgroup") != 0)
			continue;
		for (int i = 0; i < KINDS; i++) {
			if (c[i].found || (!two && !has_word(options, controllers[i])))
				continue;
			snprintf(c[i].root, sizeof(c[i].root), "%s", root);
			snprintf(c[i].mount, sizeof(c[i].mount), "%s", mount);
			c[i].found = strncmp(mount, "/sys/fs/cgroup", 14) == 0;
		}
	}
	if (f)
		fclose(f);
}

static const char *joined(const char *a, const char *b, const char *c)
{
	char *s;

	return asprintf(&s, "%s%s%s", a, b, c) < 0 ? "" : s;
}

/* The number that follows the word in the file, or the first one for an empty word. */
static bool read_number(
	const char *dir, const char *file, const char *word, unsigned long long *ret)
{
	FILE *f = fopen(joined(dir, "/", file), "r");
	char text[4096] = "";
	const char *at;

	if (!f)
		return false;
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	at = strstr(text, word);
	return at && sscanf(at + strlen(word), "%llu", ret) == 1;
}

static void print_limits(
	const char *name, bool two, const char *memory, const char *cpu, bool above)
{
	unsigned long long bytes = NO_LIMIT, quota = 0, period = 0;

	if (two) {
		(void)read_number(memory, "memory.max", "", &bytes);
		if (read_number(cpu, "cpu.max", "", &quota))
			(void)read_number(cpu, "cpu.max", " ", &period);
	} else {
		(void)read_number(memory, "memory.limit_in_bytes", "", &bytes);
		if (above && bytes >= NO_LIMIT)
			(void)read_number(
				memory, "memory.stat", "hierarchical_memory_limit", &bytes);
		if (read_number(cpu, "cpu.cfs_quota_us", "", &quota) && quota < NO_LIMIT)
			(void)read_number(cpu, "cpu.cfs_period_us", "", &period);
	}
	printf("%s ", name);
	if (bytes < NO_LIMIT)
		printf("%llu ", bytes);
	else
		printf("- ");
	if (period)
		printf("%llu/%llu\n", quota, period);
	else
		printf("-\n");
}

/* OpenJDK's rule for version 1; "" where it finds nothing. */
static const char *openjdk_dir(const struct controller *c, bool two)
{
	const char *path = strcmp(c->path, "/") == 0 ? "" : c->path;
	size_t n = strlen(c->root);

	if (!c->found)
		return "";
	if (two || strcmp(c->root, "/") == 0)
		return joined(c->mount, "", path);
	return strncmp(c->path, c->root, n) == 0 ? joined(c->mount, "", c->path + n) : "";
}

int main(void)
{
	struct controller c[KINDS] = { 0 };
	bool two = is_version_2();
	const char *top = two ? "/sys/fs/cgroup" : "/sys/fs/cgroup/";

	read_paths(c, two);
	read_mounts(c, two);
	print_limits("openjdk", two, openjdk_dir(&c[MEMORY], two), openjdk_dir(&c[CPU], two), true);
	print_limits("leaf", two, joined(top, two ? "" : "memory", c[MEMORY].path),
		joined(top, two ? "" : "cpu", c[CPU].path), false);
	print_limits("top", two, joined(top, two ? "" : "memory", ""),
		joined(top, two ? "" : "cpu", ""), false);
	return 0;
}
