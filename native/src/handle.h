/* Handles: numbers that stand for objects, safe to use and to close from any thread.
 *
 *   users of an object   who adds one             who takes it away
 *   the handle itself    lbq_handle_open          lbq_handle_close
 *   a call under way     lbq_enter                lbq_leave
 *   another object       lbq_retain               lbq_leave
 *
 * The last user to go destroys the object; lbq_enter fails from lbq_handle_close on. */
#ifndef LBQ_HANDLE_H
#define LBQ_HANDLE_H

#include <stdint.h>

enum lbq_object_kind { LBQ_OBJECT_MEMORY = 1, LBQ_OBJECT_POOL = 2, LBQ_OBJECT_FILTER = 4, LBQ_OBJECT_QUEUE = 8 };

/* First member of every object. */
struct lbq_object {
	enum lbq_object_kind kind;
	uint32_t slot;
	void (*destroy)(struct lbq_object *object);
	int32_t (*info)(struct lbq_object *object, void *info);
	int32_t (*stats)(struct lbq_object *object, uint64_t *values, uint32_t n);
};

/* Returns a handle, or -LBQ_E_LIMIT when the table is full (the object is then still the caller's). */
int32_t lbq_handle_open(struct lbq_object *object);

/* `kinds` is a set of enum lbq_object_kind. NULL (with the error set) unless handle is open and of such a kind. */
struct lbq_object *lbq_enter(int32_t handle, int kinds);
void lbq_leave(struct lbq_object *object);

/* Only for one who is a user already. */
void lbq_retain(struct lbq_object *object);

#endif
