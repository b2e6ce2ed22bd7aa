//! Files a person opens or drops as a model.

use api::ModelId;
/// The model that files of these names make together, or what to do instead.
pub(crate) fn model_of(names: &[String]) -> Result<ModelId, String> {
    let ending = |ending: &str| {
        let ends = |name: &&String| name.to_lowercase().ends_with(ending);
        names.iter().filter(ends).collect::<Vec<_>>()
    };
    let (ggufs, tensors) = (ending(".gguf"), ending(".safetensors"));
    match (&ggufs[..], &tensors[..]) {
        ([one], []) => Ok(format!("file:{one}")),
        ([], [first, ..]) if names.iter().any(|name| name == "config.json") => {
            Ok(format!("file:{first}"))
        }
        ([], [first, ..]) => {
            Err(format!("{first}: choose its config.json and tokenizer.json together with it"))
        }
        ([], []) => Err(match names.first() {
            Some(name) => {
                format!("{name} is no model file: open a .gguf, or .safetensors with config.json")
            }
            None => "nothing was dropped that is a file".into(),
        }),
        _ => Err("these files are more than one model: open one .gguf at a time".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(names: &[&str], want: Result<&str, &str>) {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        match (model_of(&names), want) {
            (Ok(model), Ok(want)) => assert_eq!(model, want),
            (Err(why), Err(want)) => assert!(why.contains(want), "{why}"),
            (got, _) => panic!("{names:?}: {got:?}"),
        }
    }

    #[test]
    fn one_gguf_or_tensors_with_their_config_make_a_model() {
        check(&["a.gguf"], Ok("file:a.gguf"));
        check(
            &["config.json", "model.SAFETENSORS", "tokenizer.json"],
            Ok("file:model.SAFETENSORS"),
        );
        check(&["model.safetensors"], Err("config.json"));
        check(&["a.gguf", "b.gguf"], Err("one .gguf at a time"));
        check(&["cat.png"], Err("cat.png is no model file"));
        check(&[], Err("nothing"));
    }
}
