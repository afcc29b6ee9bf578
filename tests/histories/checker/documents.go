package main

import (
	"encoding/json"
	"fmt"
)

// A user's collection of documents.
type documents struct {
	next    int64  // the number of the next that is appended
	floor   int64  // what is made gets a version above this
	content string // JSON: each key's document
}

type document struct {
	Body    string
	Version int64
}

type documentRules struct{}

func (documentRules) start() core { return documents{next: 1} }

func (now documents) all() map[string]document {
	all := map[string]document{}
	if now.content != "" {
		if err := json.Unmarshal([]byte(now.content), &all); err != nil {
			panic(err)
		}
	}
	return all
}

func (now documents) with(all map[string]document) documents {
	now.content = ""
	if len(all) > 0 {
		now.content = jsonOf(all)
	}
	return now
}

func (documentRules) apply(s core, call *Call) []outcome {
	now := s.(documents)
	all := now.all()
	key := call.text("key")
	found := all[key] // its version is 0 where there is none
	switch call.Name {
	case "get":
		if found.Version == 0 {
			return []outcome{refuses("NotFound", s)}
		}
		return []outcome{reads(object("body", found.Body, "version", found.Version), s)}
	case "put":
		if expected := call.number("expected"); expected >= 0 && expected != found.Version {
			return []outcome{refuses("VersionConflict", s)}
		}
		version := found.Version + 1
		if found.Version == 0 {
			version = now.floor + 1
		}
		all[key] = document{call.text("body"), version}
		return []outcome{answers(object("version", version), now.with(all))}
	case "append":
		first := now.next
		if at := call.number("at"); at > 0 && at != first {
			return []outcome{refuses("VersionConflict", s)}
		}
		for ; now.next < first+call.number("count"); now.next++ {
			all[fmt.Sprintf("%020d", now.next)] = document{call.text("body"), now.floor + 1}
		}
		return []outcome{answers(object("first", first, "last", now.next-1), now.with(all))}
	case "remove":
		if found.Version == 0 {
			return []outcome{reads(object("removed", false), s)}
		}
		now.floor = max(now.floor, found.Version)
		delete(all, key)
		return []outcome{answers(object("removed", true), now.with(all))}
	case "drop":
		for _, one := range all {
			now.floor = max(now.floor, one.Version)
		}
		now.next = 1
		return []outcome{answers("{}", now.with(nil))}
	}
	return nil
}

func max(a, b int64) int64 {
	if a > b {
		return a
	}
	return b
}
