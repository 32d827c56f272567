def about(version):
    episode = version.plan.episode
    return {"patient": episode.patient, "episode": episode, "plan": version.plan}
