/*
 * platform: choosing among the platforms of an index.
 * Called by image/oci.c and cli/.  Touches memory only.
 */
#include "image/platform.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

const char *platform_host_arch(void)
{
#if defined(__x86_64__)
	return "amd64";
#elif defined(__aarch64__)
	return "arm64";
#elif defined(__arm__)
	return "arm";
#elif defined(__riscv)
	return "riscv64";
#elif defined(__powerpc64__)
	return "ppc64le";
#elif defined(__s390x__)
	return "s390x";
#else
#error "name this architecture as GOARCH does"
#endif
}

static const char *arch_name(const char *s)
{
	if (strcmp(s, "x86_64") == 0 || strcmp(s, "x86-64") == 0)
		return "amd64";
	if (strcmp(s, "aarch64") == 0)
		return "arm64";
	return s;
}

int platform_parse(const char *text, struct arena *a, struct platform *p, struct err *e)
{
	char *s = arena_strdup(a, text);
	char *first = strtok_r(s, "/", &s), *second = strtok_r(NULL, "/", &s);
	char *third = strtok_r(NULL, "/", &s);

	*p = (struct platform){ 0 };
	if (!first || strtok_r(NULL, "/", &s) || text[0] == '/' || text[strlen(text) - 1] == '/')
		return err_set(e, 0, "--platform: not OS/ARCH[/VARIANT]: %s", text);
	p->os = second ? first : arena_strdup(a, "linux");
	p->arch = arena_strdup(a, arch_name(second ? second : first));
	p->variant = third;
	if (strcmp(p->os, "linux") != 0)
		return err_set(e, 0, "--platform: only linux can be run: %s", text);
	return 0;
}

/* The variant as a number; what is not stated is the architecture's usual one. */
static int variant_number(const char *arch, const char *variant)
{
	if (!variant || !*variant)
		return strcmp(arch, "arm64") == 0 ? 8 : strcmp(arch, "arm") == 0 ? 7 : 1;
	return atoi(variant + (variant[0] == 'v'));
}

/* Highest x86-64 level that the CPU has, as GOAMD64 counts them. */
static int host_amd64_level(void)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw"))
		return 4;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
		return 3;
	if (__builtin_cpu_supports("sse4.2"))
		return 2;
#endif
	return 1;
}

int platform_rank(const struct platform *have, const struct platform *want)
{
	const char *arch = want->arch ? want->arch : platform_host_arch();
	int v, most;

	if (have->os && *have->os && strcmp(have->os, want->os ? want->os : "linux") != 0)
		return 0;
	if (!have->arch || !*have->arch)
		return 1;
	if (strcmp(arch_name(have->arch), arch) != 0)
		return 0;
	v = variant_number(arch, have->variant);
	if (want->variant)
		return v == variant_number(arch, want->variant) ? 100 : 0;
	most = strcmp(arch, "amd64") == 0 ? (want->arch ? 1 : host_amd64_level())
					  : variant_number(arch, NULL);
	/* The best variant that the machine still runs; never one above it. */
	return v <= most ? 10 + v : 0;
}
