#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "lbqueue.h"

#define HUGE_BYTES (2ul << 20)
#define HUGE_SHIFT_2M (21u << 26) /* MAP_HUGE_2MB and MFD_HUGE_2MB, which not every libc header has */

static size_t round_up(size_t value, size_t unit)
{
	return (value + unit - 1) / unit * unit;
}

/* Anonymous memory on a 2 MiB boundary, so that transparent huge pages can back all of it. */
static void *map_aligned(size_t bytes)
{
	uint8_t *whole = mmap(NULL, bytes + HUGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t *start;

	if (whole == MAP_FAILED)
		return MAP_FAILED;
	start = (uint8_t *)round_up((uintptr_t)whole, HUGE_BYTES);
	if (start > whole)
		munmap(whole, (size_t)(start - whole));
	if (start < whole + HUGE_BYTES)
		munmap(start + bytes, (size_t)(whole + HUGE_BYTES - start));
	return start;
}

/* How much of a mapping transparent huge pages back; madvise is advice, so only the kernel's own account tells. */
static size_t transparent_bytes(const void *address, size_t bytes)
{
	FILE *file = fopen("/proc/self/smaps", "re");
	uintptr_t low = 0, high = 0, begin = (uintptr_t)address;
	unsigned long kib;
	size_t total = 0;
	char line[256];

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &low, &high) == 2)
			continue;
		if (low < begin + bytes && high > begin && sscanf(line, "AnonHugePages: %lu kB", &kib) == 1)
			total += kib * 1024;
	}
	fclose(file);
	return total;
}

static int32_t map_anonymous(struct lbq_memory *memory, uint32_t flags)
{
	void *address = MAP_FAILED;
	size_t huge = round_up(memory->bytes, HUGE_BYTES);

	if (flags & LBQ_MEMORY_HUGE) {
		address = mmap(NULL, huge, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_POPULATE | HUGE_SHIFT_2M, -1, 0);
		memory->bytes = huge;
		memory->pages = LBQ_PAGES_HUGETLB;
		if (address == MAP_FAILED) {
			memory->pages = LBQ_PAGES_SMALL;
			address = map_aligned(huge);
			if (address != MAP_FAILED && madvise(address, huge, MADV_HUGEPAGE) == 0) {
				memset(address, 0, huge);
				if (transparent_bytes(address, huge) >= huge / 2)
					memory->pages = LBQ_PAGES_TRANSPARENT;
			}
		}
	} else {
		address = mmap(NULL, memory->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	}
	if (address == MAP_FAILED)
		return lbq_fail_errno(errno, "mmap", "");
	memory->address = address;
	return 0;
}

static int32_t map_file(struct lbq_memory *memory, const char *path)
{
	const char *name = path ? path : "memfd";
	struct stat status;
	void *address;

	if (fstat(memory->fd, &status) < 0)
		return lbq_fail_errno(errno, "fstat", name);
	if (!S_ISREG(status.st_mode))
		return lbq_fail(LBQ_E_ARGUMENT, "%s is no regular file", name);
	if (status.st_size != 0 && (size_t)status.st_size != memory->bytes)
		return lbq_fail(LBQ_E_ARGUMENT, "%s holds %lld bytes, not the %zu asked for; remove it or ask for its size", name,
				(long long)status.st_size, memory->bytes);
	memory->existed = status.st_size != 0;
	/* posix_fallocate: a file system that is full must fail here, not with a signal on some later packet. */
	if (!memory->existed && memory->pages != LBQ_PAGES_HUGETLB) {
		int error = posix_fallocate(memory->fd, 0, (off_t)memory->bytes);

		if (error) {
			if (ftruncate(memory->fd, 0) < 0)
				return lbq_fail_errno(errno, "ftruncate", name);
			return lbq_fail_errno(error, "posix_fallocate", name);
		}
	} else if (ftruncate(memory->fd, (off_t)memory->bytes) < 0) {
		return lbq_fail_errno(errno, "ftruncate", name);
	}
	address = mmap(NULL, memory->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory->fd, 0);
	if (address == MAP_FAILED)
		return lbq_fail_errno(errno, "mmap", name);
	memory->address = address;
	return 0;
}

static int32_t open_shared(struct lbq_memory *memory, const char *path, uint32_t flags)
{
	int32_t result;
	size_t asked = memory->bytes;

	if (!path && flags & LBQ_MEMORY_HUGE) {
		memory->fd = memfd_create("lbqueue", MFD_CLOEXEC | MFD_HUGETLB | HUGE_SHIFT_2M);
		if (memory->fd >= 0) {
			memory->pages = LBQ_PAGES_HUGETLB;
			memory->bytes = round_up(asked, HUGE_BYTES);
			if (map_file(memory, NULL) == 0)
				return 0;
			close(memory->fd);
			memory->pages = LBQ_PAGES_SMALL;
			memory->bytes = asked;
		}
	}
	memory->fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600) :
			    memfd_create("lbqueue", MFD_CLOEXEC);
	if (memory->fd < 0)
		return lbq_fail_errno(errno, path ? "open" : "memfd_create", path ? path : "");
	result = map_file(memory, path);
	if (result < 0)
		close(memory->fd);
	return result;
}

static void memory_destroy(struct lbq_object *object)
{
	struct lbq_memory *memory = (struct lbq_memory *)object;

	munmap(memory->address, memory->bytes);
	if (memory->fd >= 0)
		close(memory->fd);
	free(memory);
}

static int32_t memory_info(struct lbq_object *object, void *to)
{
	struct lbq_memory *memory = (struct lbq_memory *)object;
	struct lbq_info *info = to;

	info->address = (uintptr_t)memory->address;
	info->bytes = memory->bytes;
	info->mode = memory->pages;
	info->fd = memory->fd;
	info->existed = memory->existed;
	return 0;
}

int32_t lbq_memory_open(const char *path, uint64_t bytes, uint32_t flags)
{
	struct lbq_memory *memory;
	int32_t result;

	if (bytes == 0 || bytes > (uint64_t)1 << 40)
		return lbq_fail(LBQ_E_ARGUMENT, "memory of %llu bytes: 1 byte to 1 TiB is accepted", (unsigned long long)bytes);
	if (flags & ~(uint32_t)(LBQ_MEMORY_HUGE | LBQ_MEMORY_SHARED))
		return lbq_fail(LBQ_E_ARGUMENT, "memory flags 0x%x: only LBQ_MEMORY_HUGE and LBQ_MEMORY_SHARED exist", flags);
	memory = calloc(1, sizeof(*memory));
	if (!memory)
		return lbq_fail_errno(ENOMEM, "calloc", "");
	memory->object.kind = LBQ_OBJECT_MEMORY;
	memory->object.destroy = memory_destroy;
	memory->object.info = memory_info;
	memory->bytes = round_up(bytes, (size_t)sysconf(_SC_PAGESIZE));
	memory->fd = -1;
	atomic_flag_clear(&memory->pooled);
	result = path || flags & LBQ_MEMORY_SHARED ? open_shared(memory, path, flags) : map_anonymous(memory, flags);
	if (result < 0) {
		free(memory);
		return result;
	}
	result = lbq_handle_open(&memory->object);
	if (result < 0)
		memory_destroy(&memory->object);
	return result;
}
