package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// History is what callers asked of one kind of state, and what they were answered.
type History struct {
	Engine string
	Kind   string
	Seed   int64
	Ring   int
	Calls  []*Call
}

func (h *History) Name() string {
	return fmt.Sprintf("%s %s seed %d", h.Engine, h.Kind, h.Seed)
}

// Call is one call. Its reply is in it: what never returned is unknown.
type Call struct {
	Process, Op, Client int
	Key, Name           string
	Args                map[string]interface{}
	ArgsText            string
	Held                map[string]interface{} // nil where the caller held nothing
	Now                 int64
	Request             string
	Begin, End          int64
	Reply               Reply
}

// Reply is an answer, an error, or neither.
type Reply struct {
	Unknown   bool   // it may have happened, at any time from the call's beginning on, or never
	Answer    string // canonical JSON
	Error     string
	Retryable bool
	Current   string // with VersionConflict: canonical JSON
}

func (c *Call) text(name string) string {
	text, _ := c.Args[name].(string)
	return text
}

func (c *Call) number(name string) int64 { return asNumber(c.Args[name]) }

func asNumber(value interface{}) int64 {
	number, ok := value.(json.Number)
	if !ok {
		return 0
	}
	result, _ := number.Int64()
	return result
}

type line struct {
	Type, Engine, Kind, Key, Call, Request, Error string
	Seed, Now, Time                               int64
	Ring, Process, Op, Client                     int
	Args, Held, Answer, Current                   json.RawMessage
	Retryable                                     bool
}

// readHistories takes JSON lines: a line of type "history" begins each.
func readHistories(input io.Reader) ([]*History, error) {
	var histories []*History
	var current *History
	open := map[[2]int]*Call{}
	lines := bufio.NewScanner(input)
	lines.Buffer(make([]byte, 1<<16), 1<<20)
	for number := 1; lines.Scan(); number++ {
		var parsed line
		if err := json.Unmarshal(lines.Bytes(), &parsed); err != nil {
			return nil, fmt.Errorf("line %d: %v", number, err)
		}
		if parsed.Type == "history" {
			current = &History{Engine: parsed.Engine, Kind: parsed.Kind, Seed: parsed.Seed, Ring: parsed.Ring}
			histories = append(histories, current)
			open = map[[2]int]*Call{}
			continue
		}
		if current == nil {
			return nil, fmt.Errorf("line %d: no history has begun", number)
		}
		at := [2]int{parsed.Process, parsed.Op}
		switch parsed.Type {
		case "call":
			call, err := callOf(&parsed)
			if err != nil {
				return nil, fmt.Errorf("line %d: %v", number, err)
			}
			open[at] = call
			current.Calls = append(current.Calls, call)
		case "return":
			call := open[at]
			if call == nil {
				return nil, fmt.Errorf("line %d: nobody asked", number)
			}
			delete(open, at)
			call.End = parsed.Time
			call.Reply = Reply{Error: parsed.Error, Retryable: parsed.Retryable}
			call.Reply.Answer = canonical(parsed.Answer)
			call.Reply.Current = canonical(parsed.Current)
			if parsed.Error == "OutcomeUnknown" {
				call.Reply.Unknown = true
				call.End = math.MaxInt64
			}
		default:
			return nil, fmt.Errorf("line %d: type %q", number, parsed.Type)
		}
	}
	return histories, lines.Err()
}

func callOf(parsed *line) (*Call, error) {
	call := &Call{Process: parsed.Process, Op: parsed.Op, Client: parsed.Client, Key: parsed.Key, Name: parsed.Call,
		ArgsText: canonical(parsed.Args), Now: parsed.Now, Request: parsed.Request, Begin: parsed.Time,
		End: math.MaxInt64, Reply: Reply{Unknown: true}}
	if err := decode(parsed.Args, &call.Args); err != nil {
		return nil, err
	}
	if len(parsed.Held) > 0 {
		if err := decode(parsed.Held, &call.Held); err != nil {
			return nil, err
		}
	}
	return call, nil
}

func decode(text []byte, into interface{}) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(into)
}

// canonical is the same for the same value: members by their names, no spaces.
func canonical(text []byte) string {
	if len(text) == 0 {
		return ""
	}
	var value interface{}
	if err := decode(text, &value); err != nil {
		return string(text)
	}
	return jsonOf(value)
}

func jsonOf(value interface{}) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// object is the canonical JSON of names and values in turn.
func object(pairs ...interface{}) string {
	members := map[string]interface{}{}
	for at := 0; at < len(pairs); at += 2 {
		members[pairs[at].(string)] = pairs[at+1]
	}
	return jsonOf(members)
}
