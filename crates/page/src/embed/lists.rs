//! Texts out of what a person pastes or drops: lines, or the fields of a table.

/// Names that say which column of a table holds the texts.
const COLUMNS: &[&str] = &["text", "texts", "sentence", "sentences", "title", "content"];

/// Texts, and what a person should know of how they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// The texts, none of them empty.
    pub all: Vec<String>,
    /// What was left out, or how it was read.
    pub note: Option<String>,
}

/// What stands in a field of the page: one text a line, or a table whose fields are in quotes.
pub fn read(typed: &str) -> Texts {
    if typed.trim_start().starts_with('"')
        && let Some(rows) = records(typed)
        && rows.iter().all(|row| row.first().is_some_and(|field| field.quoted))
    {
        return of_table(rows);
    }
    let all: Vec<_> = typed.lines().map(|line| line.trim().to_owned()).collect();
    without_empty(all, "line")
}

/// What a file holds, by the ending of its name.
pub fn of_file(name: &str, body: &str) -> Result<Texts, String> {
    let ending = name.rsplit('.').next().unwrap_or_default().to_lowercase();
    let texts = match ending.as_str() {
        "csv" | "tsv" => match records(body) {
            Some(rows) => of_table(rows),
            None => return Err(format!("{name}: a quote in it is never closed")),
        },
        "json" => match serde_json::from_str(body) {
            Ok(list) => without_empty(list, "text"),
            Err(_) => {
                return Err(format!("{name}: it is no list of texts, such as [\"a\", \"b\"]"));
            }
        },
        "txt" | "md" | "text" => read(body),
        _ => return Err(format!("{name}: give a .txt, .csv, .tsv or .json file")),
    };
    match texts.all.is_empty() {
        true => Err(format!("{name}: there is no text in it")),
        false => Ok(texts),
    }
}

/// As they are written into a field: one a line.
pub fn lines(texts: &[String]) -> String {
    let line = |text: &String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    texts.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn without_empty(all: Vec<String>, what: &str) -> Texts {
    let before = all.len();
    let all: Vec<_> = all.into_iter().filter(|text| !text.trim().is_empty()).collect();
    let note = match before - all.len() {
        0 => None,
        1 => Some(format!("one empty {what} is left out")),
        count => Some(format!("{count} empty {what}s are left out")),
    };
    Texts { all, note }
}

fn of_table(rows: Vec<Vec<Field>>) -> Texts {
    let named = |field: &Field| COLUMNS.contains(&field.text.trim().to_lowercase().as_str());
    let column = rows.first().and_then(|head| head.iter().position(named));
    let (skipped, at) = column.map_or((0, 0), |at| (1, at));
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let fields = rows.into_iter().skip(skipped).map(|mut row| {
        if at < row.len() { row.swap_remove(at).text.trim().to_owned() } else { String::new() }
    });
    let mut texts = without_empty(fields.collect(), "field");
    if columns > 1 {
        let more = texts.note.map(|note| format!("; {note}")).unwrap_or_default();
        texts.note = Some(format!("read as a table: column {} of {columns}{more}", at + 1));
    }
    texts
}

/// A field of a table.
#[derive(Default)]
struct Field {
    text: String,
    quoted: bool,
}

/// The rows of a table whose fields are parted by what parts most of its first line. `None` if its
/// quotes do not add up.
fn records(body: &str) -> Option<Vec<Vec<Field>>> {
    let first = body.lines().next().unwrap_or_default();
    let separator =
        [',', ';', '\t'].into_iter().max_by_key(|&c| (first.matches(c).count(), c == ','))?;
    let mut rows = vec![vec![Field::default()]];
    let mut letters = body.strip_prefix('\u{feff}').unwrap_or(body).chars().peekable();
    let mut inside = false;
    while let Some(letter) = letters.next() {
        let row = rows.last_mut()?;
        let field = row.last_mut()?;
        match letter {
            '"' if inside && letters.next_if_eq(&'"').is_some() => field.text.push('"'),
            '"' if inside => {
                inside = false;
                let next = letters.peek().copied();
                if next.is_some_and(|c| c != separator && c != '\n' && c != '\r') {
                    return None;
                }
            }
            c if inside => field.text.push(c),
            '"' if field.text.trim().is_empty() && !field.quoted => {
                inside = true;
                *field = Field { text: String::new(), quoted: true };
            }
            c if c == separator => row.push(Field::default()),
            '\r' => {}
            '\n' => rows.push(vec![Field::default()]),
            c => field.text.push(c),
        }
    }
    // A line end after the last row, and blank lines, are no rows.
    rows.retain(|row| row.len() > 1 || row.iter().any(|f| f.quoted || !f.text.trim().is_empty()));
    (!inside).then_some(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(texts: &Texts, want: &[&str], note: &str) {
        assert_eq!(texts.all, want);
        assert_eq!(texts.note.as_deref().unwrap_or_default(), note);
    }

    #[test]
    fn every_line_is_a_text() {
        check(&read(" a, b \nc\r\n\n\nd"), &["a, b", "c", "d"], "2 empty lines are left out");
        check(&read("\"Hello\", she said.\nYes"), &["\"Hello\", she said.", "Yes"], "");
        check(&read(""), &[], "");
    }

    #[test]
    fn a_table_in_quotes_is_read_as_one() {
        check(&read("\"a, b\"\n\"c \"\"d\"\"\ne\"\n"), &["a, b", "c \"d\"\ne"], "");
        check(&read("\"a\",\"x\"\n\"b\",\"y\""), &["a", "b"], "read as a table: column 1 of 2");
    }

    #[test]
    fn a_file_is_read_by_its_ending() {
        let csv = of_file("A.CSV", "id;Text\n1;a, b\n2;\n3;\"c;d\"\n").unwrap();
        check(
            &csv,
            &["a, b", "c;d"],
            "read as a table: column 2 of 2; one empty field is left out",
        );
        check(
            &of_file("a.tsv", "a\tb\nc\td\n").unwrap(),
            &["a", "c"],
            "read as a table: column 1 of 2",
        );
        check(&of_file("a.json", "[\"a\", \"\"]").unwrap(), &["a"], "one empty text is left out");
        check(&of_file("a.txt", "a\nb").unwrap(), &["a", "b"], "");
        for (name, body, words) in [
            ("a.csv", "\"a", "never closed"),
            ("a.json", "{}", "no list of texts"),
            ("a.png", "x", "give a .txt"),
            ("a.txt", " \n", "no text in it"),
        ] {
            let why = of_file(name, body).unwrap_err();
            assert!(why.contains(words), "{why}");
        }
    }

    #[test]
    fn a_text_is_one_line_of_a_field() {
        let texts = ["a\nb".to_owned(), " c ".to_owned()];
        assert_eq!(read(&lines(&texts)).all, ["a b", "c"]);
    }
}
