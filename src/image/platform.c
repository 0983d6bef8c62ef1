/*
 * platform: chooses among the platforms of an index.
 * Touches memory only.
 */
#include "image/platform.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

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

/* Capitals count as small letters everywhere here, as in containerd. */
static const char *platform_arch_name(const char *s)
{
	if (strcasecmp(s, "x86_64") == 0 || strcasecmp(s, "x86-64") == 0)
		return "amd64";
	if (strcasecmp(s, "aarch64") == 0)
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
		return err_set(e, 0, "--platform %s: not OS/ARCH[/VARIANT]", text);
	p->os = second ? first : arena_strdup(a, "linux");
	p->arch = arena_strdup(a, platform_arch_name(second ? second : first));
	p->variant = third;
	if (strcasecmp(p->os, "linux") != 0)
		return err_set(e, 0, "--platform %s: only linux is supported", text);
	return 0;
}

char *platform_text(const struct platform *p, struct arena *a)
{
	const char *const parts[] = { p->os, p->arch, p->variant };
	char *text = arena_strdup(a, "");

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i] && *parts[i])
			text = arena_printf(a, "%s%s%s", text, *text ? "/" : "", parts[i]);
	return text;
}

/* The variant as a number; by default the usual one of the architecture. */
static int platform_variant_number(const char *arch, const char *variant)
{
	if (!variant || !*variant)
		return strcasecmp(arch, "arm64") == 0 ? 8 : strcasecmp(arch, "arm") == 0 ? 7 : 1;
	return atoi(variant + strspn(variant, "vV"));
}

/* Bits of XCR0: the registers that the kernel saves for a process. */
#define XCR0_AVX 0x06u
#define XCR0_AVX512 0xe6u

/*
 * The x86-64 level of the CPU, as GOAMD64 counts.  __builtin_cpu_supports would query the CPU at
 * each start of sandbox, and in a virtual machine each query goes to the host.
 */
static int platform_host_amd64_level(void)
{
	int level = 1;
#if defined(__x86_64__)
	unsigned a, b, c, d, more, kept = 0, high;

	if (!__get_cpuid(1, &a, &b, &c, &d))
		return 1;
	if (c & bit_OSXSAVE)
		__asm__("xgetbv" : "=a"(kept), "=d"(high) : "c"(0));
	if (c & bit_SSE4_2)
		level = 2;
	if (!__get_cpuid_count(7, 0, &a, &more, &c, &d))
		return level;
	if ((kept & XCR0_AVX) == XCR0_AVX && (more & bit_AVX2) && (more & bit_BMI2))
		level = 3;
	if (level == 3 && (kept & XCR0_AVX512) == XCR0_AVX512 && (more & bit_AVX512F) &&
		(more & bit_AVX512BW))
		level = 4;
#endif
	return level;
}

int platform_rank(const struct platform *have, const struct platform *want)
{
	const char *arch = want->arch ? want->arch : platform_host_arch();
	int v, most;

	if (have->os && *have->os && strcasecmp(have->os, want->os ? want->os : "linux") != 0)
		return 0;
	if (!have->arch || !*have->arch)
		return 1;
	if (strcasecmp(platform_arch_name(have->arch), arch) != 0)
		return 0;
	v = platform_variant_number(arch, have->variant);
	if (want->variant)
		return v == platform_variant_number(arch, want->variant) ? 100 : 0;
	most = strcasecmp(arch, "amd64") == 0 ? (want->arch ? 1 : platform_host_amd64_level())
					      : platform_variant_number(arch, NULL);
	/* The best variant that the machine can run, and none above it. */
	return v <= most ? 10 + v : 0;
}
