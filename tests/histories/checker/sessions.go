package main

// A user's session: stored whole, spent one action at a time, revoked.
type session struct {
	exists    bool
	name      string
	max, left int64
}

type sessionRules struct{}

func (sessionRules) start() core { return session{} }

func (sessionRules) apply(s core, call *Call) []outcome {
	now := s.(session)
	switch call.Name {
	case "store_session":
		next := session{true, call.text("name"), call.number("max"), call.number("max")}
		return []outcome{answers(next.text(), next)}
	case "get_session":
		if !now.exists {
			return []outcome{refuses("NotFound", s)}
		}
		return []outcome{reads(now.text(), s)}
	case "revoke_session":
		if !now.exists {
			return []outcome{reads(object("revoked", false), s)}
		}
		return []outcome{answers(object("revoked", true), session{})}
	case "authorize":
		switch {
		case !now.exists:
			return []outcome{refuses("NotFound", s)}
		case call.text("scope") != "capture":
			return []outcome{refuses("ScopeDenied", s)}
		case now.left == 0:
			return []outcome{refuses("NoActionsLeft", s)}
		}
		now.left--
		return []outcome{answers(object("left", now.left), now)}
	}
	return nil
}

func (s session) text() string { return object("name", s.name, "max", s.max, "used", s.max-s.left) }
