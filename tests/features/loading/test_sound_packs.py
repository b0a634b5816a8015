"""What a sound pack loads as, and what may be left out or stand elsewhere."""

from features.loading import load_pack
from tests.features.loading.faults import DOMAIN, RENT, SERVICES, fault_of
from tests.features.village import service, text, write_village


def test_a_sound_pack_loads_whole(tmp_path):
    pack = load_pack(write_village(tmp_path))

    assert list(pack.services) == ["rent-help", "home-help", "move-help"]
    assert pack.languages == ("nl", "en")
    assert set(pack.mappings) == {"register", "levies"}
    assert pack.parameters["norm"].values[0].value == 1000


def test_a_service_has_the_domains_override_reasons_before_its_own(tmp_path):
    pack = load_pack(write_village(tmp_path))
    codes = [reason.code for reason in pack.services["rent-help"].override_reasons]
    assert codes == ["no", "owns"]


def test_services_may_stand_in_a_folder(tmp_path):
    write_village(tmp_path)
    (tmp_path / "services").mkdir()
    (tmp_path / "services.yaml").rename(tmp_path / "services" / "all.yaml")
    assert list(load_pack(tmp_path).services) == ["rent-help", "home-help", "move-help"]


def test_a_service_given_in_two_files_is_refused(tmp_path):
    write_village(tmp_path)
    (tmp_path / "services").mkdir()
    whole = (tmp_path / "services.yaml").read_text()
    (tmp_path / "services.yaml").rename(tmp_path / "services" / "a.yaml")
    (tmp_path / "services" / "b.yaml").write_text(whole)
    fault = fault_of(tmp_path)
    assert fault.file == "services/b.yaml"
    assert fault.key.startswith("services.")
    assert "another file" in fault.problem


def test_two_mappings_of_one_source_are_refused(tmp_path):
    fault = fault_of(write_village(tmp_path, "sources/levies.yaml", "source", "register"))
    assert (fault.file, fault.key) == ("sources/register.yaml", "source")
    assert "another file" in fault.problem


def test_a_column_name_that_two_things_share_is_refused(tmp_path):
    fact = {"title": text("x"), "type": "boolean"}
    fault = fault_of(write_village(tmp_path, DOMAIN, "facts.has_rent_help", fact))
    assert (fault.file, fault.key) == (SERVICES, RENT)
    assert "facts.has_rent_help" in fault.problem


def test_parameters_life_events_and_sources_may_be_left_out(tmp_path):
    write_village(tmp_path, SERVICES, "services", {"open": service()})
    for name in ("life_events.yaml", "sources/register.yaml", "sources/levies.yaml"):
        (tmp_path / name).unlink()
    pack = load_pack(tmp_path)
    assert pack.life_events == {}
    assert pack.mappings == {}


def test_the_checksum_follows_the_content_and_not_the_place(tmp_path):
    first = load_pack(write_village(tmp_path / "a")).checksum
    again = load_pack(write_village(tmp_path / "b")).checksum
    other = load_pack(write_village(tmp_path / "c", DOMAIN, "title", text("Elsewhere"))).checksum
    assert first == again != other
    assert len(first) == 64


def test_a_pack_in_one_language_may_take_its_codes_for_words(tmp_path):
    (tmp_path / "domain.yaml").write_text(
        "id: plain\ntitle: {en: Plain}\norganisation: {en: Plain}\nlanguages: [en]\n"
        "time_zone: Europe/Amsterdam\n"
        "purposes: {help: {title: {en: Help}, legal_basis: an act}}\n"
        "sources: {desk: {title: {en: Desk}, legal_basis: an act, purposes: [help], "
        "retention_days: 9}}\n"
        "event_types: {given: {title: {en: Given}, role: granted}}\n"
        "facts:\n  home: {title: {en: Home}, type: category, categories: [rent, own]}\n"
        "  weight: {title: {en: Weight}, type: number, unit: stone}\n"
    )
    (tmp_path / "services.yaml").write_text(
        "services: {hand: {title: {en: A hand}, description: {en: A hand}, headline: {en: A hand}, "
        "provider: {en: We}, purpose: help}}\n"
    )
    assert load_pack(tmp_path).domain.facts["home"].labels == {}
