/* Bytes that nobody may read or write, where there is an address sanitizer. In units of eight bytes; of the last unit in front
 * of poisoned ones a part may be used. */
#ifndef LBQ_FUZZ_POISON_H
#define LBQ_FUZZ_POISON_H

#include <stddef.h>

#ifdef __has_feature
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define poison(at, bytes) ASAN_POISON_MEMORY_REGION(at, bytes)
#define unpoison(at, bytes) ASAN_UNPOISON_MEMORY_REGION(at, bytes)
#else
#define poison(at, bytes) ((void)(at), (void)(bytes))
#define unpoison(at, bytes) ((void)(at), (void)(bytes))
#endif

#endif
