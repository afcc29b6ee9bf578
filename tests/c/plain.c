/* A program in plain C99 that uses the library as its header says, and nothing else. Its argument is a
 * folder. */
#include <loopstate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char* what, const loopstate_answer* answer) {
  fprintf(stderr, "%s: %s\n", what, (const char*)loopstate_json(answer).data);
  exit(1);
}

/* Frees the answer. */
static void expect(const char* what, loopstate_answer* answer, int ok, const char* part) {
  if (loopstate_ok(answer) != ok) fail(what, answer);
  if (strstr((const char*)loopstate_json(answer).data, part) == NULL) fail(what, answer);
  loopstate_free(answer);
}

static loopstate_bytes text(const char* chars) {
  loopstate_bytes bytes;
  bytes.data = chars;
  bytes.size = strlen(chars);
  return bytes;
}

int main(int count, char** arguments) {
  char settings[4096];
  loopstate_store store = 0;
  loopstate_bytes body = LOOPSTATE_TEXT("Hello");
  loopstate_answer* answer;
  if (count != 2 || loopstate_interface() != LOOPSTATE_INTERFACE) return 2;
  if (snprintf(settings, sizeof settings, "{\"url\":\"embedded:%s/plain.db\"}", arguments[1]) < 0) return 2;
  expect("open", loopstate_open(text(settings), &store), 1, "null");
  expect("link",
         loopstate_call(store, "link",
                        LOOPSTATE_TEXT("{\"fingerprint\":\"card-1\",\"user\":\"U1\",\"last4\":\"4242\"}"),
                        NULL, 0),
         1, "\"card_last4\":\"4242\"");
  expect("lookup", loopstate_call(store, "lookup", LOOPSTATE_TEXT("{\"fingerprint\":\"card-2\"}"), NULL, 0),
         0, "NotFound");
  expect("put",
         loopstate_call(store, "documents.put",
                        LOOPSTATE_TEXT("{\"user\":\"U1\",\"collection\":\"notes\",\"key\":\"a\"}"), &body, 1),
         1, "\"version\":");
  answer =
      loopstate_call(store, "documents.get",
                     LOOPSTATE_TEXT("{\"user\":\"U1\",\"collection\":\"notes\",\"key\":\"a\"}"), NULL, 0);
  if (!loopstate_ok(answer) || loopstate_buffer_count(answer) != 1) fail("get", answer);
  if (memcmp(loopstate_buffer(answer, 0).data, "Hello", 5) != 0) fail("get", answer);
  loopstate_free(answer);
  expect("close", loopstate_close(store), 1, "null");
  expect("closed", loopstate_close(store), 0, "InvalidArgument");
  printf("loopstate %s\n", loopstate_version());
  return 0;
}
