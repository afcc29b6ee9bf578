/* loopstate for C, and for every language that can call C: a state store for agents that move value.
 *
 * One function makes every call, by the call's name, with its parameters as a JSON object.
 * loopstate_catalogue returns the calls with their parameters, answers, errors and an example each;
 * docs/c-interface.md says more. Bodies of documents are never in the JSON: they are passed and returned as
 * buffers beside it.
 *
 *     loopstate_store store = 0;
 *     loopstate_answer *answer = loopstate_open(LOOPSTATE_TEXT("{\"url\":\"embedded:./shop.db\"}"), &store);
 *     if (!loopstate_ok(answer)) ...                          -- loopstate_json(answer) says why
 *     loopstate_free(answer);
 *     answer = loopstate_call(store, "lookup", LOOPSTATE_TEXT("{\"fingerprint\":\"card-1\"}"), NULL, 0);
 *     loopstate_bytes json = loopstate_json(answer);          -- {"fingerprint":"card-1","user_pubkey":...
 *     loopstate_free(answer);
 *     loopstate_free(loopstate_close(store));
 *
 * In the JSON: a member that is null or left out has its default; an unknown member is an error. Spans of
 * time are numbers of seconds, points in time are whole seconds since 1970-01-01 00:00 UTC, integers have up
 * to 64 bits. The text is UTF-8, at most 16 MB, and at most 64 levels deep.
 *
 * The answer to a call that succeeded is its result as JSON, `null` if it has none. An error is
 *
 *     {"code":"NotFound","message":"no card has the fingerprint card-1","retryable":false}
 *
 * docs/errors.md explains the codes. With VersionConflict on a context comes
 * "conflict":{"current":CONTEXT,"paths":[PATH,...]}.
 *
 * Threads: every function may be called from any thread at any time; a call waits until it is done, so other
 * threads go on meanwhile. An answer belongs to whoever received it: one thread at a time. A thread must not
 * be cancelled (pthread_cancel) within a call, and no function may be called from a signal handler.
 *
 * fork(): a child process opens stores of its own. On one that its parent opened every call is the error
 * StorageFailure, and closing it only forgets it.
 *
 * No exception leaves these functions.
 */
#ifndef LOOPSTATE_H
#define LOOPSTATE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define LOOPSTATE_API __attribute__((visibility("default")))
#else
#define LOOPSTATE_API
#endif

/* The version of this interface, which loopstate_interface returns. It changes only if a program written for
 * the old one would no longer work, and the shared library's name changes with it. */
#define LOOPSTATE_INTERFACE 1

/* An open store. 0 is none. A number that is no open store, such as that of a closed one, is an error in
 * every call. */
typedef uint64_t loopstate_store;

/* What a call returned. Free it with loopstate_free. */
typedef struct loopstate_answer loopstate_answer;

/* Bytes that belong to somebody else. `data` may be null if `size` is 0. */
typedef struct {
  const void* data;
  size_t size;
} loopstate_bytes;

/* A string literal as loopstate_bytes, in a function call. For other texts fill in the two members. */
#if defined(__cplusplus)
#define LOOPSTATE_TEXT(literal) (loopstate_bytes{(literal), sizeof(literal) - 1})
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 199901L
#define LOOPSTATE_TEXT(literal) ((loopstate_bytes){(literal), sizeof(literal) - 1})
#endif

/* The library's version, such as "0.1.0". */
LOOPSTATE_API const char* loopstate_version(void);

/* LOOPSTATE_INTERFACE of the library that was loaded. */
LOOPSTATE_API uint32_t loopstate_interface(void);

/* Every call with its parameters, their ranges and meanings, its result, errors and an example, as JSON.
 * Valid for as long as the library is loaded. */
LOOPSTATE_API loopstate_bytes loopstate_catalogue(void);

/* Opens a store, and puts its handle into `*store`, or 0 if that failed. `settings` is a JSON object:
 *
 *     url        "embedded:PATH" or "dynamodb:TABLE"; default: as the environment says
 *     mode       "create_if_missing", the default, or "existing"
 *     settings   an object of environment variables and their values as strings: these count
 *                instead of the process's own, and null stands for a variable that is not set
 *
 * Answers null. Errors: InvalidArgument, TableNotFound, TableMismatch, StorageCorrupt, StorageReadOnly,
 * StorageFull, StorageFailure.
 */
LOOPSTATE_API loopstate_answer* loopstate_open(loopstate_bytes settings, loopstate_store* store);

/* Makes a call and waits for it. `name` is the call's name, ended by a null character. `json` is a JSON
 * object with its parameters; no bytes at all are an object without members. `buffers` are `buffer_count`
 * bodies, for the calls that take any. All of it is only read, and only until the function returns. */
LOOPSTATE_API loopstate_answer* loopstate_call(loopstate_store store, const char* name, loopstate_bytes json,
                                               const loopstate_bytes* buffers, size_t buffer_count);

/* Closes a store: calls made from now on are errors. Returns when the calls in progress on other threads have
 * returned. Readers and writers of documents that are open end; what unfinished writers wrote is removed as
 * well as it can be. */
LOOPSTATE_API loopstate_answer* loopstate_close(loopstate_store store);

/* The answer. None of these may be given null: every function above returns an answer.
 * loopstate_ok: 1 for a call that succeeded, 0 for an error.
 * loopstate_json: the result or the error; also followed by a null character, which `size` does not count.
 * loopstate_buffer: a body; no bytes if there is no such index.
 * What they return is valid until the answer is freed. */
LOOPSTATE_API int loopstate_ok(const loopstate_answer* answer);
LOOPSTATE_API loopstate_bytes loopstate_json(const loopstate_answer* answer);
LOOPSTATE_API size_t loopstate_buffer_count(const loopstate_answer* answer);
LOOPSTATE_API loopstate_bytes loopstate_buffer(const loopstate_answer* answer, size_t index);

/* Frees an answer and everything it gave out. Null is allowed. */
LOOPSTATE_API void loopstate_free(loopstate_answer* answer);

#ifdef __cplusplus
}
#endif

#endif
