#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lbqueue.h"

static _Thread_local char last_error[320];
static _Thread_local int last_code = LBQ_E_SYSTEM;

int32_t lbq_fail(int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(last_error, sizeof(last_error), format, arguments);
	va_end(arguments);
	last_code = code;
	return -code;
}

int32_t lbq_last_code(void)
{
	return -last_code;
}

static const struct {
	int error;
	int code;
	const char *hint;
} meanings[] = {
	{ EPERM, LBQ_E_PERMISSION, "; needs root, or CAP_NET_ADMIN, CAP_NET_RAW, CAP_BPF and CAP_PERFMON" },
	{ EACCES, LBQ_E_PERMISSION, "; needs root, or CAP_NET_ADMIN, CAP_NET_RAW, CAP_BPF and CAP_PERFMON" },
	{ ENODEV, LBQ_E_INTERFACE, "; no such interface in this network namespace" },
	{ ENXIO, LBQ_E_INTERFACE, "; the interface is gone or has no such queue" },
	{ EBUSY, LBQ_E_BUSY, "; held by another socket or XDP program" },
	{ EEXIST, LBQ_E_BUSY, "; held by another socket or XDP program" },
	{ EOPNOTSUPP, LBQ_E_UNSUPPORTED, "; the kernel or the driver cannot do this" },
	{ ENOPROTOOPT, LBQ_E_UNSUPPORTED, "; the kernel cannot do this" },
	{ EPROTONOSUPPORT, LBQ_E_UNSUPPORTED, "; the kernel cannot do this" },
	{ EAFNOSUPPORT, LBQ_E_UNSUPPORTED, "; the kernel was built without it" },
	{ ENOSYS, LBQ_E_UNSUPPORTED, "; the kernel was built without it" },
	{ ENOMEM, LBQ_E_MEMORY, "; out of memory, or over RLIMIT_MEMLOCK" },
	{ ENOBUFS, LBQ_E_MEMORY, "; out of memory, or over RLIMIT_MEMLOCK" },
	{ EMFILE, LBQ_E_LIMIT, "; raise RLIMIT_NOFILE" },
	{ ENFILE, LBQ_E_LIMIT, "; the system's file table is full" },
	{ ENOSPC, LBQ_E_LIMIT, "; no room left" },
	{ E2BIG, LBQ_E_LIMIT, "; the map is full" },
};

int32_t lbq_fail_errno(int error, const char *call, const char *subject)
{
	int code = LBQ_E_SYSTEM;
	const char *hint = "";
	char text[96];

	for (unsigned i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (meanings[i].error == error) {
			code = meanings[i].code;
			hint = meanings[i].hint;
			break;
		}
	}
	return lbq_fail(code, "%s%s%s: %s (errno %d)%s", call, *subject ? " " : "", subject,
			strerror_r(error, text, sizeof(text)), error, hint);
}

int32_t lbq_last_error(char *text, uint32_t size)
{
	int length;

	if (!text || size == 0)
		return -LBQ_E_ARGUMENT;
	length = snprintf(text, size, "%s", last_error);
	return length < (int)size ? length : (int32_t)size - 1;
}
