#ifndef LBQ_ERROR_H
#define LBQ_ERROR_H

#include <stdint.h>

/* Records the text for lbq_last_error and returns -code. */
int32_t lbq_fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for a failed system call: `error` is its errno, which chooses the code; `subject` is the interface, file or
 * "" that it was about. */
int32_t lbq_fail_errno(int error, const char *call, const char *subject);

/* What the last lbq_fail of this thread returned, for functions that return pointers. */
int32_t lbq_last_code(void);

#endif
