package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// A history as a test writes it: a line for each call, "BEGIN END CALL ARGS [ID] -> REPLY". END is a dash where no answer came. A
// REPLY is JSON, or an error's name and what comes with it. All are about one key.
func historyOf(t *testing.T, kind, text string) *History {
	t.Helper()
	var lines []string
	lines = append(lines, fmt.Sprintf(`{"type":"history","engine":"test","kind":"%s","seed":1,"ring":3}`, kind))
	for number, written := range strings.Split(strings.TrimSpace(text), "\n") {
		if strings.TrimSpace(written) == "" {
			continue
		}
		sides := strings.SplitN(strings.TrimSpace(written), " -> ", 2)
		words := strings.Fields(sides[0])
		begin, end := words[0], words[1]
		more := ""
		for _, word := range words[4:] {
			if held := strings.TrimPrefix(word, "held:"); held != word {
				more += `,"held":` + held
			} else {
				more += `,"request":"` + word + `"`
			}
		}
		lines = append(lines, fmt.Sprintf(`{"type":"call","process":0,"op":%d,"client":%d,"key":"k","call":"%s","args":%s,"now":1000,"time":%s%s}`,
			number, number, words[2], words[3], begin, more))
		if end == "-" {
			continue
		}
		reply := `"answer":` + sides[1]
		if code := strings.Fields(sides[1])[0]; code[0] >= 'A' && code[0] <= 'Z' {
			reply = `"error":"` + code + `"`
			if current := strings.TrimSpace(strings.TrimPrefix(sides[1], code)); current != "" {
				reply += `,"current":` + current
			}
		}
		lines = append(lines, fmt.Sprintf(`{"type":"return","process":0,"op":%d,%s,"time":%s}`, number, reply, end))
	}
	histories, err := readHistories(strings.NewReader(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return histories[0]
}

func isExplained(t *testing.T, history *History) bool {
	t.Helper()
	verdicts, err := check(history, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for _, verdict := range verdicts {
		if verdict.Result != porcupine.Ok {
			return false
		}
	}
	return true
}

type example struct{ name, kind, history string }

// eachRefused and eachExplained run a test for each example.
func eachRefused(t *testing.T, examples []example) {
	for _, e := range examples {
		t.Run(e.name, func(t *testing.T) {
			if isExplained(t, historyOf(t, e.kind, e.history)) {
				t.Error("it is explained, and must not be")
			}
		})
	}
}

func eachExplained(t *testing.T, examples []example) {
	for _, e := range examples {
		t.Run(e.name, func(t *testing.T) {
			if !isExplained(t, historyOf(t, e.kind, e.history)) {
				t.Error("it is not explained, and must be")
			}
		})
	}
}

func TestCorruptedSessionsAreRefused(t *testing.T) {
	const stored = `1 2 store_session {"name":"s","max":2} -> {"max":2,"name":"s","used":0}` + "\n"
	eachRefused(t, []example{
		{"two callers are told the same number left", "sessions", stored + `
			3 9 authorize {"scope":"capture"} -> {"left":1}
			4 8 authorize {"scope":"capture"} -> {"left":1}`},
		{"an action more than there were", "sessions", stored + `
			3 4 authorize {"scope":"capture"} -> {"left":1}
			5 6 authorize {"scope":"capture"} -> {"left":0}
			7 8 authorize {"scope":"capture"} -> {"left":0}`},
		{"a revoked session lives again", "sessions", stored + `
			3 4 revoke_session {} -> {"revoked":true}
			5 6 get_session {} -> {"max":2,"name":"s","used":0}`},
		{"one throttled was spent", "sessions", stored + `
			3 4 authorize {"scope":"capture"} -> Throttled
			5 6 get_session {} -> {"max":2,"name":"s","used":1}`},
		{"one not found was spent", "sessions", stored + `
			3 4 authorize {"scope":"capture"} -> NotFound`},
		{"a repeat spends again", "sessions", stored + `
			3 4 authorize {"scope":"capture"} id -> {"left":1}
			5 6 authorize {"scope":"capture"} id -> {"left":0}`},
		{"a repeat answers what was left later", "sessions", stored + `
			3 4 authorize {"scope":"capture"} id -> {"left":1}
			5 6 authorize {"scope":"capture"} -> {"left":0}
			7 8 authorize {"scope":"capture"} id -> {"left":0}`},
		{"a repeated store gives back what was spent", "sessions", `
			1 2 store_session {"name":"s","max":2} id -> {"max":2,"name":"s","used":0}
			3 4 authorize {"scope":"capture"} -> {"left":1}
			5 6 store_session {"name":"s","max":2} id -> {"max":2,"name":"s","used":0}
			7 8 get_session {} -> {"max":2,"name":"s","used":0}`},
		{"one id does two different writes", "sessions", stored + `
			3 4 authorize {"scope":"capture"} id -> {"left":1}
			5 6 revoke_session {} id -> {"revoked":true}`},
		{"a defect", "sessions", `1 2 get_session {} -> Internal`},
	})
}

func TestSessionsAreExplained(t *testing.T) {
	const stored = `1 2 store_session {"name":"s","max":2} -> {"max":2,"name":"s","used":0}` + "\n"
	eachExplained(t, []example{
		{"racing callers, in one of two orders", "sessions", stored + `
			3 9 authorize {"scope":"capture"} -> {"left":0}
			4 8 authorize {"scope":"capture"} -> {"left":1}
			5 7 get_session {} -> {"max":2,"name":"s","used":1}`},
		{"one without an answer happened late", "sessions", stored + `
			3 - authorize {"scope":"capture"}
			5 6 get_session {} -> {"max":2,"name":"s","used":0}
			7 8 get_session {} -> {"max":2,"name":"s","used":1}`},
		{"one without an answer never happened", "sessions", stored + `
			3 4 authorize {"scope":"capture"} -> OutcomeUnknown
			5 6 authorize {"scope":"capture"} -> {"left":1}
			7 8 authorize {"scope":"capture"} -> {"left":0}`},
		{"one without an answer is found again under its id", "sessions", stored + `
			3 4 authorize {"scope":"capture"} id -> OutcomeUnknown
			5 6 authorize {"scope":"capture"} -> {"left":0}
			7 8 authorize {"scope":"capture"} id -> {"left":1}`},
		{"one that was refused is free to be done under its id", "sessions", `
			1 2 authorize {"scope":"capture"} id -> NotFound
			3 4 store_session {"name":"s","max":1} -> {"max":1,"name":"s","used":0}
			5 6 authorize {"scope":"capture"} id -> {"left":0}
			7 8 revoke_session {} id -> RequestIdReused`},
	})
}

func contextAt(version, cred, oxo int, memory, events string) string {
	return fmt.Sprintf(`{"version":%d,"cred":%d,"oxo":%d,"threshold":10000000000,"memory":%s,"events":%s}`, version, cred, oxo, memory, events)
}

func TestCorruptedContextsAreRefused(t *testing.T) {
	first := contextAt(1, 0, 0, "{}", "[]")
	begun := "1 2 get_or_init {} -> " + first + "\n"
	eachRefused(t, []example{
		{"a conflict although the push was applied", "contexts", begun + `
			3 4 push {"version":1,"cred":7} -> VersionConflict ` + contextAt(2, 7, 0, "{}", "[]")},
		{"an event twice", "contexts", begun + `
			3 4 push_event {"event":"e"} -> ` + contextAt(3, 0, 0, "{}", `["e","e"]`)},
		{"an answer with what others did later", "contexts", begun + `
			3 9 patch {"cred":7} -> ` + contextAt(3, 7, 1, "{}", "[]") + `
			4 8 update {} -> ` + contextAt(3, 7, 1, "{}", "[]")},
		{"an increment is lost", "contexts", begun + `
			3 4 update {} -> ` + contextAt(2, 0, 1, "{}", "[]") + `
			5 6 update {} -> ` + contextAt(3, 0, 1, "{}", "[]")},
		{"a path that others changed is overwritten", "contexts", begun + `
			3 4 patch {"cred":7} -> ` + contextAt(2, 7, 0, "{}", "[]") + `
			5 6 patch {"cred":8} held:` + first + ` -> ` + contextAt(3, 8, 0, "{}", "[]")},
		{"a memory is not found, by an old copy", "contexts", begun + `
			3 4 remember {"name":"a","value":5} -> ` + contextAt(2, 0, 0, `{"a":5}`, "[]") + `
			5 6 forget {"name":"a"} held:` + first + ` -> NotFound`},
		{"a repeat remembers again", "contexts", begun + `
			3 4 remember {"name":"a","value":5} id -> ` + contextAt(2, 0, 0, `{"a":5}`, "[]") + `
			5 6 forget {"name":"a"} -> ` + contextAt(3, 0, 0, "{}", "[]") + `
			7 8 remember {"name":"a","value":5} id -> ` + contextAt(4, 0, 0, `{"a":5}`, "[]")},
	})
	eachExplained(t, []example{
		{"disjoint changes settle", "contexts", begun + `
			3 9 patch {"cred":7} held:` + first + ` -> ` + contextAt(3, 7, 1, "{}", "[]") + `
			4 8 update {} -> ` + contextAt(2, 0, 1, "{}", "[]")},
		{"an overlap is the caller's", "contexts", begun + `
			3 4 patch {"cred":7} -> ` + contextAt(2, 7, 0, "{}", "[]") + `
			5 6 patch {"cred":8} held:` + first + ` -> VersionConflict ` + contextAt(2, 7, 0, "{}", "[]")},
	})
}

func TestCorruptedClaimsAreRefused(t *testing.T) {
	const claimed = `1 2 claim {"payload":"p","policy":"rerun","holder":"a","lease":500} -> {"fence":1,"state":"fresh","until":1500}` + "\n"
	eachRefused(t, []example{
		{"two hold it under one fence", "claims", claimed + `
			1 5 claim {"payload":"p","policy":"rerun","holder":"b","lease":500} -> {"fence":1,"state":"fresh","until":1500}`},
		{"taken over before it lapsed", "claims", claimed + `
			3 4 claim {"payload":"p","policy":"rerun","holder":"b","lease":500} -> {"fence":2,"state":"fresh","until":1500}`},
		{"superseded although it released", "claims", claimed + `
			3 4 release {"fence":1,"holder":"a"} id -> {}
			5 6 claim {"payload":"p","policy":"rerun","holder":"b","lease":500} -> {"fence":2,"state":"fresh","until":1500}
			7 8 release {"fence":1,"holder":"a"} id -> Superseded`},
		{"a late finisher completes", "claims", claimed + `
			3 4 release {"fence":1,"holder":"a"} -> {}
			5 6 complete {"fence":1,"holder":"a","payload":"p","result":"r"} -> {"result":"r"}`},
		{"done with another result", "claims", claimed + `
			3 4 complete {"fence":1,"holder":"a","payload":"p","result":"r"} -> {"result":"r"}
			5 6 claim {"payload":"p","policy":"rerun","holder":"b","lease":500} -> {"fence":1,"result":"other","state":"done"}`},
		{"a repeated claim takes it again", "claims", `
			1 2 claim {"payload":"p","policy":"rerun","holder":"a","lease":500} id -> {"fence":1,"state":"fresh","until":1500}
			3 4 release {"fence":1,"holder":"a"} -> {}
			5 6 claim {"payload":"p","policy":"rerun","holder":"a","lease":500} id -> {"fence":2,"state":"fresh","until":1500}`},
	})
	eachExplained(t, []example{
		{"released and taken", "claims", claimed + `
			3 9 release {"fence":1,"holder":"a"} -> {}
			4 8 claim {"payload":"p","policy":"rerun","holder":"b","lease":500} -> {"fence":2,"state":"fresh","until":1500}`},
	})
}

func TestCorruptedCardsAreRefused(t *testing.T) {
	const linked = `1 2 link {"user":"u","last4":"1111","transfer":false} id -> {"last4":"1111","user":"u"}` + "\n"
	eachRefused(t, []example{
		{"unlink answers an old last4", "cards", linked + `
			3 4 link {"user":"u","last4":"2222","transfer":false} -> {"last4":"2222","user":"u"}
			5 6 unlink {} -> {"last4":"1111","user":"u"}`},
		{"a repeated transfer takes the card back", "cards", linked + `
			3 4 link {"user":"v","last4":"2222","transfer":true} -> {"last4":"2222","user":"v"}
			5 6 link {"user":"u","last4":"1111","transfer":false} id -> {"last4":"1111","user":"u"}
			7 8 lookup {} -> {"last4":"1111","user":"u"}`},
		{"somebody else's card is taken unasked", "cards", linked + `
			3 4 link {"user":"v","last4":"2222","transfer":false} -> {"last4":"2222","user":"v"}`},
		{"two have it", "cards", linked + `
			3 4 has_card {"user":"u"} -> "1111"
			5 6 has_card {"user":"v"} -> "1111"`},
	})
	eachExplained(t, []example{
		{"a repeated link answers the same and changes nothing", "cards", linked + `
			3 4 link {"user":"v","last4":"2222","transfer":true} -> {"last4":"2222","user":"v"}
			5 6 link {"user":"u","last4":"1111","transfer":false} id -> {"last4":"1111","user":"u"}
			7 8 lookup {} -> {"last4":"2222","user":"v"}`},
	})
}

func TestCorruptedRingsAreRefused(t *testing.T) {
	const added = `1 2 add_capture {"amount":5} -> {"dropped":[],"first":true,"named":true,"version":1}` + "\n"
	eachRefused(t, []example{
		{"a payment is counted twice", "ring", `
			1 2 record_capture {"amount":5,"payment":"p"} -> {"dropped":[],"named":true,"state":"recorded","version":1}
			3 4 record_capture {"amount":6,"payment":"p"} -> {"dropped":[],"named":true,"state":"recorded","version":2}`},
		{"a capture goes silently", "ring", added + `
			3 4 add_capture {"amount":6} -> {"dropped":[],"first":true,"named":true,"version":2}
			5 6 list_captures {} -> [6]`},
		{"one more than the ring has room for", "ring", added + `
			3 4 add_capture {"amount":6} -> {"dropped":[],"first":true,"named":true,"version":2}
			5 6 add_capture {"amount":7} -> {"dropped":[],"first":true,"named":true,"version":3}
			7 8 add_capture {"amount":8} -> {"dropped":[],"first":true,"named":true,"version":4}`},
		{"a repeated settle answers nothing", "ring", added + `
			3 4 settle_capture {"amount":5} id -> {"amount":5}
			5 6 settle_capture {"amount":5} id -> {"amount":0}`},
		{"a repeated add is there twice", "ring", `
			1 2 add_capture {"amount":5} id -> {"dropped":[],"first":true,"named":true,"version":1}
			3 4 add_capture {"amount":5} id -> {"dropped":[],"first":true,"named":true,"version":1}
			5 6 list_captures {} -> [5,5]`},
		{"a capture without its id", "ring", `
			1 2 add_capture {"amount":5} id -> {"dropped":[],"first":true,"named":true,"version":1}
			3 4 add_capture {"amount":5} id -> {"dropped":[],"first":true,"named":false,"version":1}`},
		{"settled twice", "ring", added + `
			3 9 settle_capture {"amount":5} -> {"amount":5}
			4 8 settle_capture {"amount":5} -> {"amount":5}`},
	})
	eachExplained(t, []example{
		{"the oldest leaves into the caller's hands", "ring", added + `
			3 4 add_capture {"amount":6} -> {"dropped":[],"first":true,"named":true,"version":2}
			5 6 add_capture {"amount":7} -> {"dropped":[],"first":true,"named":true,"version":3}
			7 8 record_capture {"amount":8,"payment":"p"} -> {"dropped":[5],"named":true,"state":"recorded","version":4}
			9 10 list_captures {} -> [8,7,6]`},
	})
}

func TestEachUserHasCardsOfItsOwn(t *testing.T) {
	const text = `{"type":"history","engine":"test","kind":"cards","seed":1,"ring":3}
{"type":"call","process":0,"op":1,"client":0,"key":"c","call":"link","args":{"user":"u","last4":"1111","transfer":false},"now":1,"time":1}
{"type":"return","process":0,"op":1,"answer":{"user":"u","last4":"1111"},"time":2}
{"type":"call","process":0,"op":2,"client":0,"key":"*","call":"cards_of","args":{"user":"u"},"now":1,"time":3}
{"type":"return","process":0,"op":2,"answer":CARDS,"time":4}`
	for cards, explained := range map[string]bool{`{"c":"1111"}`: true, `{}`: false, `{"c":"2222"}`: false} {
		histories, err := readHistories(strings.NewReader(strings.Replace(text, "CARDS", cards, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if isExplained(t, histories[0]) != explained {
			t.Errorf("cards %s: explained is %v", cards, !explained)
		}
	}
}

func TestCorruptedDocumentsAreRefused(t *testing.T) {
	const appended = `1 2 append {"body":"d1","count":2} -> {"first":1,"last":2}` + "\n"
	eachRefused(t, []example{
		{"two appends get the same number", "documents", appended + `
			3 9 append {"body":"d2","count":1} -> {"first":3,"last":3}
			4 8 append {"body":"d3","count":1} -> {"first":3,"last":3}`},
		{"a number is left out", "documents", appended + `
			3 4 append {"body":"d2","count":1} -> {"first":4,"last":4}`},
		{"a repeated append is made again", "documents", `
			1 2 append {"body":"d1","count":1} id -> {"first":1,"last":1}
			3 4 append {"body":"d1","count":1} id -> {"first":2,"last":2}`},
		{"an append gets another number than it asked for", "documents", appended + `
			3 4 append {"body":"d2","count":1,"at":2} -> {"first":3,"last":3}`},
		{"two append at the same number", "documents", appended + `
			3 9 append {"body":"d2","count":1,"at":3} -> {"first":3,"last":3}
			4 8 append {"body":"d3","count":1,"at":3} -> {"first":3,"last":3}`},
		{"an append at the next number is refused", "documents", appended + `
			3 4 append {"body":"d2","count":1,"at":3} -> VersionConflict`},
		{"a put over another at its version is lost", "documents", `
			1 2 put {"key":"a","body":"d1","expected":0} -> {"version":1}
			3 8 put {"key":"a","body":"d2","expected":1} -> {"version":2}
			4 9 put {"key":"a","body":"d3","expected":1} -> {"version":2}`},
		{"a version comes twice", "documents", `
			1 2 put {"key":"a","body":"d1","expected":0} -> {"version":1}
			3 4 remove {"key":"a"} -> {"removed":true}
			5 6 put {"key":"a","body":"d2","expected":-1} -> {"version":1}`},
		{"one throttled was written", "documents", `
			1 2 put {"key":"a","body":"d1","expected":-1} -> Throttled
			3 4 get {"key":"a"} -> {"body":"d1","version":1}`},
		{"half a body", "documents", `
			1 2 put {"key":"a","body":"d1","expected":-1} -> {"version":1}
			3 4 get {"key":"a"} -> {"body":"half of d1","version":1}`},
		{"a dropped collection shows a document", "documents", appended + `
			3 4 drop {} -> {}
			5 6 get {"key":"00000000000000000001"} -> {"body":"d1","version":1}`},
	})
}

func TestDocumentsAreExplained(t *testing.T) {
	eachExplained(t, []example{
		{"an append without an answer happened late", "documents", `
			1 - append {"body":"d1","count":1}
			3 4 append {"body":"d2","count":1} -> {"first":1,"last":1}
			5 6 get {"key":"00000000000000000002"} -> {"body":"d1","version":1}`},
		{"of two that append at the same number one is refused", "documents", `
			1 2 append {"body":"d1","count":2} -> {"first":1,"last":2}
			3 9 append {"body":"d2","count":1,"at":3} -> VersionConflict
			4 8 append {"body":"d3","count":1,"at":3} -> {"first":3,"last":3}`},
		{"after a drop numbers begin anew, and versions go on", "documents", `
			1 2 put {"key":"a","body":"d1","expected":0} -> {"version":1}
			3 4 drop {} -> {}
			5 6 append {"body":"d2","count":1} -> {"first":1,"last":1}
			7 8 get {"key":"00000000000000000001"} -> {"body":"d2","version":2}`},
	})
}
