/* Runs a fuzz target where there is no libFuzzer: over its corpus, then over so many random changes of what is in it.
 *   <target> CORPUS-DIRECTORY [COUNT [SEED]] */
#include <dirent.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_INPUTS 1024
#define MOST_BYTES 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	uint8_t bytes[MOST_BYTES];
	size_t size;
} input[MOST_INPUTS];

static uint64_t state;

static uint32_t below(uint32_t limit)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)((state >> 32) % limit);
}

static uint32_t read_corpus(const char *directory)
{
	DIR *list = opendir(directory);
	uint32_t count = 0;

	for (struct dirent *entry; list && (entry = readdir(list)) != NULL && count < MOST_INPUTS;) {
		char path[4096];
		FILE *file;

		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		file = entry->d_name[0] == '.' ? NULL : fopen(path, "rb");
		if (!file)
			continue;
		input[count].size = fread(input[count].bytes, 1, MOST_BYTES, file);
		count++;
		fclose(file);
	}
	if (list)
		closedir(list);
	return count;
}

/* Some bytes are others, and often ones that mean something; now and then it is cut, or goes on as another. */
static size_t change(uint8_t *bytes, size_t size, uint32_t count)
{
	static const uint8_t telling[] = { 0, 1, 4, 5, 6, 8, 17, 43, 44, 58, 60, 0x45, 0x60, 0x81, 0x86, 0x88, 0xa8, 0xdd, 128, 133, 255 };

	for (uint32_t n = 1 + below(6); n > 0 && size > 0; n--) {
		uint8_t *at = bytes + below(below(2) ? (uint32_t)size : (uint32_t)(size < 80 ? size : 80));

		*at = below(2) ? telling[below(sizeof(telling))] : below(2) ? (uint8_t)below(256) : *at ^ (uint8_t)(1u << below(8));
	}
	if (below(4) == 0)
		size = below((uint32_t)size + 1);
	if (below(8) == 0) {
		uint32_t other = below(count), from = below((uint32_t)input[other].size + 1);
		size_t more = input[other].size - from;

		if (size + more <= MOST_BYTES) {
			memcpy(bytes + size, input[other].bytes + from, more);
			size += more;
		}
	}
	return size;
}

int main(int argc, char **argv)
{
	uint64_t runs = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000, seed = argc > 3 ? strtoull(argv[3], NULL, 10) : (uint64_t)time(NULL);
	uint32_t count = argc > 1 ? read_corpus(argv[1]) : 0;
	static uint8_t bytes[MOST_BYTES];

	if (count == 0) {
		fprintf(stderr, "usage: %s CORPUS-DIRECTORY [COUNT [SEED]]\n", argv[0]);
		return 1;
	}
	printf("%" PRIu32 " inputs, %" PRIu64 " changes of them, seed %" PRIu64 "\n", count, runs, seed);
	fflush(stdout);
	state = seed;
	for (uint32_t i = 0; i < count; i++)
		LLVMFuzzerTestOneInput(input[i].bytes, input[i].size);
	for (uint64_t n = 0; n < runs; n++) {
		uint32_t i = below(count);

		memcpy(bytes, input[i].bytes, input[i].size);
		LLVMFuzzerTestOneInput(bytes, change(bytes, input[i].size, count));
	}
	return 0;
}
