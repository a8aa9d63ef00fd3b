/* Memory and pools: pages, files that survive, ownership, exhaustion. Needs no rights. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static void pages(void)
{
	struct lbq_info info;
	int32_t memory = lbq_memory_open(NULL, 4 << 20, LBQ_MEMORY_HUGE);

	CHECK_GT(memory, 0);
	CHECK_EQ(lbq_info(memory, &info), 0);
	CHECK_EQ(info.bytes, 4 << 20);
	CHECK_EQ(info.address % (2 << 20), 0);
	printf("huge pages asked for, got kind %u\n", info.mode);
	memset((void *)(uintptr_t)info.address, 1, info.bytes);
	CHECK_EQ(lbq_close(memory), 0);
	CHECK_EQ(lbq_close(memory), -LBQ_E_HANDLE);

	memory = lbq_memory_open(NULL, 5000, 0);
	CHECK_EQ(lbq_info(memory, &info), 0);
	CHECK_EQ(info.bytes, 8192);
	CHECK_EQ(info.mode, LBQ_PAGES_SMALL);
	CHECK_EQ(info.fd, -1);
	CHECK_EQ(lbq_close(memory), 0);
	CHECK_EQ(lbq_memory_open(NULL, 0, 0), -LBQ_E_ARGUMENT);
	CHECK_EQ(lbq_memory_open(NULL, 4096, 64), -LBQ_E_ARGUMENT);
}

static void file(void)
{
	char directory[] = "/tmp/lbq-test-XXXXXX", path[64], link[64];
	struct lbq_info info;
	struct stat status;
	int32_t memory;

	CHECK(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/flows", directory);
	snprintf(link, sizeof(link), "%s/link", directory);
	memory = lbq_memory_open(path, 1 << 20, 0);
	CHECK_EQ(lbq_info(memory, &info), 0);
	CHECK_EQ(info.existed, 0);
	CHECK_GE(info.fd, 0);
	((uint8_t *)(uintptr_t)info.address)[12345] = 42;
	CHECK_EQ(lbq_close(memory), 0);
	CHECK_EQ(stat(path, &status), 0);
	CHECK_EQ(status.st_mode & 0777, 0600);

	memory = lbq_memory_open(path, 1 << 20, 0);
	CHECK_EQ(lbq_info(memory, &info), 0);
	CHECK_EQ(info.existed, 1);
	CHECK_EQ(((uint8_t *)(uintptr_t)info.address)[12345], 42);
	CHECK_EQ(lbq_close(memory), 0);

	CHECK_EQ(lbq_memory_open(path, 2 << 20, 0), -LBQ_E_ARGUMENT);
	check_text("holds 1048576 bytes");
	CHECK_EQ(symlink(path, link), 0);
	CHECK_EQ(lbq_memory_open(link, 1 << 20, 0), -LBQ_E_SYSTEM);
	CHECK_EQ(lbq_memory_open(directory, 1 << 20, 0), -LBQ_E_SYSTEM);
	check_text(directory);
	CHECK_EQ(unlink(link), 0);
	CHECK_EQ(unlink(path), 0);
	CHECK_EQ(rmdir(directory), 0);

	memory = lbq_memory_open(NULL, 1 << 20, LBQ_MEMORY_SHARED);
	CHECK_EQ(lbq_info(memory, &info), 0);
	CHECK_GE(info.fd, 0);
	CHECK(fcntl(info.fd, F_GETFD) & FD_CLOEXEC);
	CHECK_EQ(lbq_close(memory), 0);
}

static void pool(uint32_t frame_size)
{
	uint32_t offset[64], again[64], wild[] = { 0, 63 * 4096u, 0xffffffffu };
	int32_t memory = lbq_memory_open(NULL, 32 * frame_size, 0);
	int32_t frames = lbq_pool_open(memory, frame_size);

	CHECK_GT(frames, 0);
	CHECK_EQ(lbq_pool_open(memory, frame_size), -LBQ_E_BUSY);
	CHECK_EQ(lbq_alloc(frames, offset, 20), 20);
	for (int i = 0; i < 20; i++) {
		CHECK_EQ(offset[i] % 4, 2);
		CHECK_EQ(offset[i] % frame_size, LBQ_FRAME_OFFSET);
	}
	CHECK_EQ(lbq_alloc(frames, again, 64), 12);
	CHECK_EQ(lbq_alloc(frames, again, 1), 0);
	CHECK_EQ(stat_of(frames, LBQ_POOL_WORKER), 32);

	/* Any offset inside a frame names it; a second free and wild offsets are counted and change nothing. */
	offset[0] -= 44;
	CHECK_EQ(lbq_free(frames, offset, 2), 2);
	CHECK_EQ(lbq_free(frames, offset, 2), 0);
	CHECK_EQ(lbq_free(frames, wild + 1, 2), 0);
	CHECK_EQ(stat_of(frames, LBQ_POOL_INVALID_FREE), 4);
	CHECK_EQ(stat_of(frames, LBQ_POOL_FREE), 2);

	CHECK_EQ(lbq_reclaim(frames), 30);
	CHECK_EQ(stat_of(frames, LBQ_POOL_FREE), 32);

	/* Memory closed first lives on for the pool. */
	CHECK_EQ(lbq_close(memory), 0);
	CHECK_EQ(lbq_pool_open(memory, frame_size), -LBQ_E_HANDLE);
	CHECK_EQ(lbq_alloc(frames, offset, 32), 32);
	CHECK_EQ(lbq_close(frames), 0);
	CHECK_EQ(lbq_alloc(frames, offset, 32), -LBQ_E_HANDLE);
}

int main(void)
{
	int32_t memory = lbq_memory_open(NULL, 1024, 0);

	pages();
	file();
	pool(2048);
	pool(4096);
	CHECK_EQ(lbq_pool_open(memory, 1024), -LBQ_E_ARGUMENT);
	check_text("2048 or 4096");
	CHECK_EQ(lbq_close(memory), 0);
	return 0;
}
